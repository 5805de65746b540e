package ai.cacheblend.orchestrator.console;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * UTF-8 output of a command. Everything printed passes {@link ControlCharacters#escape}, except the
 * control sequences of this program.
 */
public final class TerminalStream extends PrintStream {
  private final PrintStream raw;

  private TerminalStream(PrintStream raw) {
    super(new Escaping(raw), true, StandardCharsets.UTF_8);
    this.raw = raw;
  }

  /** {@code out} itself if it escapes already. */
  public static TerminalStream over(PrintStream out) {
    return out instanceof TerminalStream escaping ? escaping : new TerminalStream(out);
  }

  /** {@code text} without line breaks. */
  public static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " | ");
  }

  /** Writes a control sequence without escaping it. No part of it may come from data. */
  void control(String sequence) {
    flush();
    raw.print(sequence);
    raw.flush();
  }

  private static final class Escaping extends OutputStream {
    private final OutputStream out;
    private final CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);

    /** The first bytes of a character whose other bytes are in the next write. */
    private ByteBuffer begun = ByteBuffer.allocate(0);

    Escaping(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      ByteBuffer in =
          ByteBuffer.allocate(begun.remaining() + length)
              .put(begun)
              .put(bytes, offset, length)
              .flip();
      CharBuffer text = CharBuffer.allocate(in.remaining());
      decoder.decode(in, text, false);
      begun = in;
      out.write(ControlCharacters.escape(text.flip().toString()).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }
  }
}
