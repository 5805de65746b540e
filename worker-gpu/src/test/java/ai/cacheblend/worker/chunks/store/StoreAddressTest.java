package ai.cacheblend.worker.chunks.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisURI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoreAddressTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "redis://host, host, 6379, 0, false",
    "redis://host:7000/3, host, 7000, 3, false",
    "rediss://user:secret@host:7000, host, 7000, 0, true",
    "redis://[::1]:7000, ::1, 7000, 0, false"
  })
  void readsHostPortDatabaseAndTls(String uri, String host, int port, int database, boolean tls) {
    RedisURI parsed = new StoreAddress(uri).redisUri(Duration.ofSeconds(1));

    assertThat(parsed.getHost()).isIn(host, "[" + host + "]");
    assertThat(parsed.getPort()).isEqualTo(port);
    assertThat(parsed.getDatabase()).isEqualTo(database);
    assertThat(parsed.isSsl()).isEqualTo(tls);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host:6379",
        "http://:secret@host",
        "redis://",
        "redis://:secret@host/first",
        "redis://:secret@host?x=1",
        "redis://:sec ret@host",
        "redis-sentinel://:secret@host"
      })
  void refusesOtherFormsWithoutNamingThePassword(String uri) {
    assertThatThrownBy(() -> new StoreAddress(uri))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the address of the store is not redis://")
        .hasMessageNotContaining("sec");
  }

  @Test
  void textHasNoCredentials() {
    assertThat(new StoreAddress("rediss://user:secret@host:7000/2"))
        .hasToString("rediss://host:7000");
  }

  @Test
  void passwordComesFromAFile() throws Exception {
    Path file = Files.writeString(folder.resolve("password"), "first\n");
    RedisURI parsed =
        new StoreAddress("redis://user@host", Optional.of(file)).redisUri(Duration.ofSeconds(1));

    assertThat(password(parsed)).isEqualTo("user first");
    Files.writeString(file, "second");
    assertThat(password(parsed)).isEqualTo("user second");
  }

  @Test
  void onePasswordIsEnough() {
    assertThatThrownBy(
            () -> new StoreAddress("redis://user:secret@host", Optional.of(Path.of("file"))))
        .hasMessage("the store has a password in its address and in a file; remove one of them");
  }

  private static String password(RedisURI uri) {
    var credentials = uri.getCredentialsProvider().resolveCredentials().block();
    return credentials.getUsername() + " " + new String(credentials.getPassword());
  }
}
