package ai.cacheblend.orchestrator.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ShellCommandTest {
  @Test
  void specialWordsAreQuoted() {
    assertThat(
            ShellCommand.of(List.of("cacheblend", "--arms", "a@0.15,b:k=4", "my run", "it's", "")))
        .isEqualTo("cacheblend --arms a@0.15,b:k=4 'my run' 'it'\\''s' ''");
  }
}
