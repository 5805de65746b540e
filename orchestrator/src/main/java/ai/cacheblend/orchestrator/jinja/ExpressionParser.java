package ai.cacheblend.orchestrator.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Parses operators, from the weakest to the strongest. */
final class ExpressionParser {
  private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

  private final TokenStream tokens;
  private final PrimaryParser primary;

  ExpressionParser(TokenStream tokens) {
    this.tokens = tokens;
    this.primary = new PrimaryParser(tokens, this);
  }

  /** An expression, with a condition in the middle if there is one. */
  Expression expression() {
    Expression value = withoutCondition();
    while (tokens.takeName("if")) {
      Expression then = value;
      Expression condition = withoutCondition();
      Expression otherwise =
          tokens.takeName("else") ? expression() : scope -> new Undefined("the else of an if");
      value =
          scope ->
              Values.isTrue(condition.value(scope)) ? then.value(scope) : otherwise.value(scope);
    }
    return value;
  }

  /** An expression, or several with commas between them, which are a list. */
  Expression expressionOrList() {
    Expression first = expression();
    if (!tokens.atOperator(",")) {
      return first;
    }
    List<Expression> elements = new ArrayList<>();
    elements.add(first);
    while (tokens.takeOperator(",") && !tokens.at(Token.Kind.BLOCK_END)) {
      elements.add(expression());
    }
    return listOf(elements);
  }

  static Expression listOf(List<Expression> elements) {
    List<Expression> all = List.copyOf(elements);
    return scope -> {
      List<Object> values = new ArrayList<>();
      all.forEach(element -> values.add(element.value(scope)));
      return scope.budget().made(values);
    };
  }

  Expression withoutCondition() {
    Expression left = and();
    while (tokens.takeName("or")) {
      Expression first = left;
      Expression second = and();
      left =
          scope -> {
            Object value = first.value(scope);
            return Values.isTrue(value) ? value : second.value(scope);
          };
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (tokens.takeName("and")) {
      Expression first = left;
      Expression second = not();
      left =
          scope -> {
            Object value = first.value(scope);
            return Values.isTrue(value) ? second.value(scope) : value;
          };
    }
    return left;
  }

  private Expression not() {
    if (tokens.takeName("not")) {
      Expression negated = not();
      return scope -> !Values.isTrue(negated.value(scope));
    }
    return comparison();
  }

  /** Comparisons can be chained: {@code a < b < c}. */
  private Expression comparison() {
    Expression first = sum();
    List<String> operators = new ArrayList<>();
    List<Expression> operands = new ArrayList<>();
    while (true) {
      if (tokens.at(Token.Kind.OPERATOR) && COMPARISONS.contains(tokens.peek().value())) {
        operators.add(tokens.next().value());
      } else if (tokens.takeName("in")) {
        operators.add("in");
      } else if (tokens.atName("not") && tokens.secondIsName("in")) {
        tokens.next();
        tokens.next();
        operators.add("not in");
      } else {
        break;
      }
      operands.add(sum());
    }
    return operators.isEmpty()
        ? first
        : scope -> {
          Object left = first.value(scope);
          for (int i = 0; i < operators.size(); i++) {
            Object right = operands.get(i).value(scope);
            if (!holds(operators.get(i), left, right)) {
              return false;
            }
            left = right;
          }
          return true;
        };
  }

  private static boolean holds(String operator, Object left, Object right) {
    return switch (operator) {
      case "==" -> Values.isEqual(left, right);
      case "!=" -> !Values.isEqual(left, right);
      case "<" -> Values.compare(left, right) < 0;
      case "<=" -> Values.compare(left, right) <= 0;
      case ">" -> Values.compare(left, right) > 0;
      case ">=" -> Values.compare(left, right) >= 0;
      case "in" -> Values.contains(right, left);
      default -> !Values.contains(right, left);
    };
  }

  private Expression sum() {
    Expression left = concatenation();
    while (tokens.atOperator("+") || tokens.atOperator("-")) {
      left = binary(tokens.next(), left, concatenation());
    }
    return left;
  }

  private Expression concatenation() {
    Expression left = product();
    while (tokens.atOperator("~")) {
      left = binary(tokens.next(), left, product());
    }
    return left;
  }

  private Expression product() {
    Expression left = power();
    while (tokens.at(Token.Kind.OPERATOR)
        && Set.of("*", "/", "//", "%").contains(tokens.peek().value())) {
      left = binary(tokens.next(), left, power());
    }
    return left;
  }

  private Expression power() {
    Expression left = primary.withFilters(signed());
    while (tokens.atOperator("**")) {
      left = binary(tokens.next(), left, primary.withFilters(signed()));
    }
    return left;
  }

  /** A sign binds more strongly than a filter. */
  private Expression signed() {
    if (tokens.takeOperator("-")) {
      Expression negated = signed();
      return scope -> Arithmetic.negate(negated.value(scope));
    }
    return tokens.takeOperator("+") ? signed() : primary.withMembers();
  }

  private static Expression binary(Token operator, Expression left, Expression right) {
    return scope ->
        located(
            operator.line(),
            () ->
                scope
                    .budget()
                    .made(
                        Arithmetic.apply(operator.value(), left.value(scope), right.value(scope))));
  }

  /** Adds the line to the message of an error. */
  static Object located(int line, Supplier<Object> evaluation) {
    try {
      return evaluation.get();
    } catch (JinjaException e) {
      throw e.getMessage().startsWith("line ") ? e : JinjaException.at(line, e.getMessage());
    }
  }
}
