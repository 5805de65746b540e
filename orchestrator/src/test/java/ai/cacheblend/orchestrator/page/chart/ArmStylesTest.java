package ai.cacheblend.orchestrator.page.chart;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.Resources;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class ArmStylesTest {
  /** In the light and the dark theme. */
  @Test
  void styleSheetHasEveryColour() throws IOException {
    String css = Resources.toString(Resources.getResource(ArmStyles.class, "chart.css"), UTF_8);

    for (int color = 0; color < ArmStyles.COLOR_COUNT; color++) {
      assertThat(css).contains(".arm%1$s { --arm: var(--arm%1$s); }".formatted(color));
      assertThat(css.split("--arm%s: #".formatted(color), -1)).hasSize(3);
    }
  }
}
