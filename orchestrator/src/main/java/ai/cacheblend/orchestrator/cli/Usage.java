package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.compare.IncomparableException;
import ai.cacheblend.orchestrator.plan.PlanException;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Turns invalid plans and incomparable runs into bad usage. */
final class Usage {
  private Usage() {}

  /** The value of {@code supplier}; what it refuses is bad usage of the command. */
  static <T> T checked(CommandSpec spec, Supplier<T> supplier) {
    try {
      return supplier.get();
    } catch (PlanException | IncomparableException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
