package ai.cacheblend.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ByteCountTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "17, 17",
    "2k, 2048",
    "512m, 536870912",
    "4G, 4294967296",
    "1t, 1099511627776"
  })
  void readsPowersOf1024(String text, long bytes) {
    assertThat(ByteCount.parse(text).bytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "g", "-1", "1.5g", "4gb", "999999999999t"})
  void refusesInvalidSizes(String text) {
    assertThatExceptionOfType(TypeConversionException.class)
        .isThrownBy(() -> ByteCount.parse(text))
        .withMessageContaining("'" + text + "'");
  }
}
