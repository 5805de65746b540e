package ai.cacheblend.orchestrator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CompletionTest {
  @Test
  void invalidBlocksMakeARunIncomplete() {
    assertThat(new Completion(true, 0).status()).isEqualTo(ExitStatus.DONE);
    assertThat(new Completion(true, 1).status()).isEqualTo(ExitStatus.INCOMPLETE);
    assertThat(new Completion(false, 1).status()).isEqualTo(ExitStatus.FAILED);
  }

  @Test
  void completionOfPartsIsCombined() {
    Completion whole = new Completion(true, 0).and(new Completion(true, 2));

    assertThat(whole.status()).isEqualTo(ExitStatus.INCOMPLETE);
    assertThat(whole.invalidCount()).isEqualTo(2);
    assertThat(whole.and(new Completion(false, 0)).status()).isEqualTo(ExitStatus.FAILED);
  }
}
