package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Requests beside those that are measured: one client per worker sends the same prompt, one after
 * another, for one token each.
 *
 * @param tokens of the prompt
 */
public record Background(NamedArm arm, int tokens) {
  private static final int MIN_TOKENS = 64;
  private static final Pattern FORM = Pattern.compile("(.+):(\\d{1,7})");

  public Background {
    require(
        tokens >= MIN_TOKENS,
        "background has " + tokens + " tokens; use " + MIN_TOKENS + " or more");
  }

  /** Parses {@code ARM:TOKENS}. */
  public static Background parse(String text, long seed) {
    Matcher form = FORM.matcher(text);
    require(
        form.matches(),
        "background is '" + text + "'; write ARM:TOKENS, such as cacheblend@0.15:8192");
    return new Background(
        ArmSyntax.parse(form.group(1), ArmDefaults.seed(seed)), Integer.parseInt(form.group(2)));
  }

  /** What {@link #parse} takes. */
  public String text() {
    return arm.name() + ":" + tokens;
  }
}
