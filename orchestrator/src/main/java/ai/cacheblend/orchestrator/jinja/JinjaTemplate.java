package ai.cacheblend.orchestrator.jinja;

import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A chat template: Jinja with {@code trim_blocks}, {@code lstrip_blocks}, {@code break} and {@code
 * continue}, and the functions {@code raise_exception} and {@code strftime_now}, as {@code
 * transformers} renders it (<a
 * href="https://jinja.palletsprojects.com/en/stable/templates/">syntax</a>). Inheritance, includes,
 * imports and formatting with a percent sign are not supported.
 *
 * <p>Immutable. A template cannot reach anything but its variables, and ends after a limited number
 * of steps.
 */
public final class JinjaTemplate {
  private final List<Statement> statements;

  private JinjaTemplate(List<Statement> statements) {
    this.statements = statements;
  }

  /**
   * Parses a template.
   *
   * @throws JinjaException if it is malformed or uses what is not supported; its message has the
   *     line
   */
  public static JinjaTemplate parse(String source) {
    try {
      return new JinjaTemplate(new StatementParser(new Lexer(source).tokens()).template());
    } catch (StackOverflowError e) {
      throw tooDeep();
    }
  }

  /**
   * The text of the template.
   *
   * @param variables null, Boolean, Long, Double, String, List or Map with strings as keys
   * @param clock for {@code strftime_now}
   * @throws JinjaException if the template raises it, or does what its variables do not allow
   */
  public String render(Map<String, Object> variables, Clock clock) {
    Map<String, Object> all = new HashMap<>(Functions.all(clock));
    all.putAll(variables);
    Scope scope = Scope.global(all);
    try {
      Statement.all(statements, scope);
    } catch (StackOverflowError e) {
      throw tooDeep();
    }
    return scope.written();
  }

  /** Nothing of a parser or a rendering is used after it, so that it may end anywhere. */
  private static JinjaException tooDeep() {
    return new JinjaException("the template is nested too deeply");
  }
}
