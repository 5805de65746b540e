package ai.cacheblend.orchestrator.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Files that seal formats: a change of one is a change of what others read. */
public final class Golden {
  private Golden() {}

  public static void assertSame(String golden, String text) throws IOException {
    assertThat(text)
        .isEqualTo(
            Resources.toString(Resources.getResource("golden/" + golden), StandardCharsets.UTF_8));
  }
}
