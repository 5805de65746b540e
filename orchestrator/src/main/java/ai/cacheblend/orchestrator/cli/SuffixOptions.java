package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.plan.Defaults;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The suffix of each prompt, which is not cached. */
final class SuffixOptions {
  @Option(
      names = "--suffix-tokens",
      paramLabel = "N",
      description =
          "Fresh tokens at the end of each prompt (default: " + Defaults.SUFFIX_TOKENS + ").")
  private Integer suffixTokens;

  @Option(
      names = "--suffix-fraction",
      paramLabel = "SHARE",
      description = "Fresh tokens at the end of each prompt, as a share of the prompt.")
  private Double suffixFraction;

  /** Empty if no option was given. */
  Optional<TtftPlan.Suffix> suffix() {
    return suffixTokens == null && suffixFraction == null
        ? Optional.empty()
        : Optional.of(
            new TtftPlan.Suffix(
                Optional.ofNullable(suffixTokens), Optional.ofNullable(suffixFraction)));
  }
}
