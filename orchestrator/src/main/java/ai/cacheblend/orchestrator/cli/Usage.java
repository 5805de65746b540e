package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.compare.IncomparableException;
import ai.cacheblend.orchestrator.plan.PlanException;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Options that do not make a plan are bad usage. */
final class Usage {
  private Usage() {}

  static <T> T checked(CommandSpec spec, Supplier<T> plan) {
    try {
      return plan.get();
    } catch (PlanException | IncomparableException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
