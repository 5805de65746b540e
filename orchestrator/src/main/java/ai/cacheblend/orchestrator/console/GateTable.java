package ai.cacheblend.orchestrator.console;

import ai.cacheblend.metrics.NonInferiority;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.run.Gate;
import java.util.List;
import java.util.Locale;

/** A gate for people. */
public final class GateTable {
  private GateTable() {}

  /** One line per look and arm, and the verdict. */
  public static String render(QualityPlan plan, Gate gate, List<List<Gate.Look>> looks) {
    TextTable table =
        new TextTable(
            List.of("arm", "samples", "valid", "difference", text("%.3g %%", 100 * gate.level())));
    for (List<Gate.Look> arms : looks) {
      for (Gate.Look look : arms) {
        boolean known = look.validCount() > 1;
        table.row(
            List.of(
                look.arm(),
                Integer.toString(look.sampleCount()),
                Integer.toString(look.validCount()),
                known ? text("%+.4f", look.difference()) : "-",
                known ? text("%+.4f..%+.4f", look.interval().low(), look.interval().high()) : "-"));
      }
    }
    return text(
            "Gate on %s: may an arm lose %s of mean %s against full prefill? Difference is full"
                + " prefill minus the arm, paired; %d looks at most%n%n",
            plan.dataset(), plan.margin(), plan.metric(), gate.looks().size())
        + table.render()
        + text("%n%s%n", word(Gate.verdict(looks.get(looks.size() - 1))));
  }

  public static String word(NonInferiority verdict) {
    return switch (verdict) {
      case NON_INFERIOR -> "pass";
      case INFERIOR -> "fail";
      case UNDECIDED -> "undecided";
    };
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
