package ai.cacheblend.orchestrator.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TerminalStreamTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TerminalStream stream = TerminalStream.over(new PrintStream(bytes, true, UTF_8));

  @ParameterizedTest
  @CsvSource({
    "0000", "0007", "0008", "000b", "000d", "001b", "001f", // C0
    "007f", "0080", "009b", "009d", "009f", // DEL and C1: CSI and OSC in one character
    "061c", "200e", "200f", "202a", "202e", "2066", "2069", // bidirectional
    "2028", "2029"
  })
  void controlCharactersAreEscaped(String code) {
    stream.print("a" + (char) Integer.parseInt(code, 16) + "b");

    assertThat(text()).isEqualTo("a\\u" + code + "b");
  }

  @Test
  void textIsNot() {
    String text = "naïve 漢字 👩‍👩‍👧\tעברית\nnext\n";

    stream.print(text);

    assertThat(text()).isEqualTo(text);
  }

  @Test
  void everyWayToPrintIsEscaped() {
    stream.print('\u001b');
    stream.printf("%s", "\u001b");
    stream.println((Object) "\u001b");
    stream.append("\u001b");
    stream.write(0x1b);
    new PrintWriter(stream, true, UTF_8).append("\u001b").flush();

    assertThat(text()).isEqualTo("\\u001b".repeat(3) + "\n" + "\\u001b".repeat(3));
  }

  @Test
  void characterMayArriveInParts() {
    for (byte part : "é\u009b😀".getBytes(UTF_8)) {
      stream.write(part);
    }

    assertThat(text()).isEqualTo("é\\u009b😀");
  }

  @Test
  void longTextIsComplete() {
    String text = "漢".repeat(20_000);

    stream.print(text);

    assertThat(text()).isEqualTo(text);
  }

  @Test
  void controlSequencesOfTheProgramAreNotEscaped() {
    stream.print("a");
    stream.control("\u001b[J");
    stream.print("b");

    assertThat(text()).isEqualTo("a\u001b[Jb");
  }

  @Test
  void streamIsWrappedOnce() {
    assertThat(TerminalStream.over(stream)).isSameAs(stream);
  }

  @Test
  void messageIsOneLine() {
    assertThat(TerminalStream.oneLine(" a\r\n  b\u2028c\u0085d\n")).isEqualTo("a | b | c | d");
  }

  private String text() {
    return bytes.toString(UTF_8);
  }
}
