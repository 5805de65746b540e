package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.compare.IncomparableException;
import ai.cacheblend.orchestrator.plan.PlanException;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Reports invalid plans and incomparable runs as usage errors. */
final class Usage {
  private Usage() {}

  /** The value of {@code supplier}; its exceptions become usage errors of the command. */
  static <T> T checked(CommandSpec spec, Supplier<T> supplier) {
    try {
      return supplier.get();
    } catch (PlanException | IncomparableException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
