package ai.cacheblend.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.net.InetAddresses;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SecurityOptionsTest {
  private static final Path FILE = Path.of("file");
  private static final InetSocketAddress EVERYWHERE = address("0.0.0.0");
  private static final InetSocketAddress LOOPBACK = address("127.0.0.1");
  private static final InetSocketAddress LOOPBACK_6 = address("::1");

  @Test
  void dependentOptionsAreChecked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecurityOptions.of(FILE, null, null, null, null))
        .withMessage("--tls-cert and --tls-key belong together; give both or neither");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecurityOptions.of(null, FILE, null, null, null));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SecurityOptions.of(null, null, FILE, null, null))
        .withMessageStartingWith("--tls-client-ca needs TLS");
  }

  @Test
  void openAddressCausesAWarning() {
    assertThat(SecurityOptions.NONE.warning(EVERYWHERE))
        .contains(
            "the worker listens on 0.0.0.0 without TLS and without a token: every host that reaches"
                + " it can use it; add --token-file, --tls-cert and --tls-key");
    assertThat(SecurityOptions.of(FILE, FILE, null, null, null).warning(EVERYWHERE))
        .contains(
            "the worker listens on 0.0.0.0 without a token: every host that reaches it can use it;"
                + " add --token-file or --tls-client-ca");
    assertThat(SecurityOptions.of(FILE, FILE, FILE, null, null).warning(EVERYWHERE)).isEmpty();
    assertThat(SecurityOptions.of(FILE, FILE, null, FILE, null).warning(EVERYWHERE)).isEmpty();
    assertThat(SecurityOptions.NONE.warning(LOOPBACK)).isEmpty();
    assertThat(SecurityOptions.NONE.warning(LOOPBACK_6)).isEmpty();
  }

  @Test
  void plainTextTokensAreLoopbackOnly() {
    SecurityOptions tokens = SecurityOptions.of(null, null, null, FILE, null);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokens.requireConfidential(EVERYWHERE))
        .withMessage(
            "--token-file on --host 0.0.0.0 sends tokens in plain text; add --tls-cert and --tls-key,"
                + " or listen on 127.0.0.1");
    tokens.requireConfidential(LOOPBACK);
    SecurityOptions.of(FILE, FILE, null, FILE, null).requireConfidential(EVERYWHERE);
    SecurityOptions.NONE.requireConfidential(EVERYWHERE);
  }

  @Test
  void reflectionIsOffWithATokenUnlessItIsRequested() {
    assertThat(SecurityOptions.NONE.servesReflection()).isTrue();
    assertThat(SecurityOptions.of(null, null, null, FILE, null).servesReflection()).isFalse();
    assertThat(SecurityOptions.of(null, null, null, FILE, true).servesReflection()).isTrue();
    assertThat(SecurityOptions.of(null, null, null, null, false).servesReflection()).isFalse();
  }

  private static InetSocketAddress address(String literal) {
    return new InetSocketAddress(InetAddresses.forString(literal), 1);
  }
}
