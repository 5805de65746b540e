package ai.cacheblend.orchestrator.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Parses literals and names, with the members, calls, filters and tests after them. */
final class PrimaryParser {
  private final TokenStream tokens;
  private final ExpressionParser expressions;

  PrimaryParser(TokenStream tokens, ExpressionParser expressions) {
    this.tokens = tokens;
    this.expressions = expressions;
  }

  /** A literal or name, with what stands directly after it. */
  Expression withMembers() {
    return withMembers(literalOrName());
  }

  /** The filters and tests after a value, applied to it. */
  Expression withFilters(Expression input) {
    Expression value = input;
    while (true) {
      if (tokens.takeOperator("|")) {
        value = filter(value);
      } else if (tokens.takeName("is")) {
        value = test(value);
      } else {
        return value;
      }
    }
  }

  Expression filter(Expression input) {
    int line = tokens.peek().line();
    String name = tokens.name();
    Filters.requireKnown(name, line);
    Call call = tokens.takeOperator("(") ? arguments() : Call.NONE;
    return scope ->
        ExpressionParser.located(
            line,
            () ->
                scope
                    .budget()
                    .made(
                        Filters.apply(
                            name, input.value(scope), call.evaluate("filter " + name, scope))));
  }

  private Expression test(Expression input) {
    boolean negated = tokens.takeName("not");
    int line = tokens.peek().line();
    String name = tokens.name();
    Tests.requireKnown(name, line);
    Call call = tokens.takeOperator("(") ? arguments() : argumentOfTest();
    return scope ->
        ExpressionParser.located(
            line,
            () ->
                negated
                    != Tests.holds(name, input.value(scope), call.evaluate("test " + name, scope)));
  }

  /** A test takes one argument without brackets: {@code is divisibleby 2}. */
  private Call argumentOfTest() {
    boolean literal =
        tokens.at(Token.Kind.STRING)
            || tokens.at(Token.Kind.INTEGER)
            || tokens.atOperator("[")
            || (tokens.at(Token.Kind.NAME)
                && !List.of("and", "or", "if", "else", "is", "in", "not", "recursive")
                    .contains(tokens.peek().value()));
    return literal ? new Call(List.of(withMembers(literalOrName())), Map.of()) : Call.NONE;
  }

  private Expression withMembers(Expression object) {
    Expression value = object;
    while (true) {
      int line = tokens.peek().line();
      Expression of = value;
      if (tokens.takeOperator(".")) {
        if (tokens.at(Token.Kind.INTEGER)) {
          Object index = Long.valueOf(tokens.next().value());
          value =
              scope -> ExpressionParser.located(line, () -> Members.item(of.value(scope), index));
        } else {
          String name = tokens.name();
          value =
              scope ->
                  ExpressionParser.located(line, () -> Members.attribute(of.value(scope), name));
        }
      } else if (tokens.takeOperator("[")) {
        value = subscript(of, line);
      } else if (tokens.takeOperator("(")) {
        Call call = arguments();
        value = scope -> ExpressionParser.located(line, () -> call(of.value(scope), call, scope));
      } else {
        return value;
      }
    }
  }

  private static Object call(Object function, Call call, Scope scope) {
    if (!(function instanceof Callable callable)) {
      throw new JinjaException("a %s cannot be called".formatted(Values.kind(function)));
    }
    scope.budget().enter();
    Arguments arguments = call.evaluate("function", scope);
    Object result = callable.call(arguments.positional(), arguments.named());
    scope.budget().leave();
    return scope.budget().made(result);
  }

  private Expression subscript(Expression object, int line) {
    Expression nothing = scope -> null;
    Expression start = tokens.atOperator(":") ? nothing : expressions.expression();
    if (tokens.takeOperator("]")) {
      return scope ->
          ExpressionParser.located(
              line, () -> Members.item(object.value(scope), start.value(scope)));
    }
    tokens.expectOperator(":");
    Expression stop =
        tokens.atOperator(":") || tokens.atOperator("]") ? nothing : expressions.expression();
    Expression step =
        tokens.takeOperator(":") && !tokens.atOperator("]") ? expressions.expression() : nothing;
    tokens.expectOperator("]");
    return scope ->
        ExpressionParser.located(
            line,
            () ->
                scope
                    .budget()
                    .made(
                        Members.slice(
                            object.value(scope),
                            start.value(scope),
                            stop.value(scope),
                            step.value(scope))));
  }

  /** Up to the closing bracket. */
  Call arguments() {
    List<Expression> positional = new ArrayList<>();
    Map<String, Expression> named = new LinkedHashMap<>();
    while (!tokens.takeOperator(")")) {
      Expression value = expressions.expression();
      if (tokens.takeOperator("=")) {
        if (!(value instanceof Name name)) {
          throw tokens.unexpected("the name of an argument before '='");
        }
        named.put(name.name(), expressions.expression());
      } else {
        positional.add(value);
      }
      if (!tokens.atOperator(")")) {
        tokens.expectOperator(",");
      }
    }
    return new Call(positional, named);
  }

  private Expression literalOrName() {
    Token token = tokens.peek();
    switch (token.kind()) {
      case STRING -> {
        StringBuilder text = new StringBuilder();
        while (tokens.at(Token.Kind.STRING)) {
          text.append(tokens.next().value());
        }
        return constant(text.toString());
      }
      case INTEGER -> {
        return constant(number(tokens.next()));
      }
      case FLOAT -> {
        return constant(Double.valueOf(tokens.next().value()));
      }
      case NAME -> {
        return nameOrConstant(tokens.next().value());
      }
      default -> {}
    }
    if (tokens.takeOperator("(")) {
      return parenthesised();
    }
    if (tokens.takeOperator("[")) {
      return ExpressionParser.listOf(elements("]"));
    }
    if (tokens.takeOperator("{")) {
      return mapping();
    }
    throw tokens.unexpected("a value");
  }

  private static Object number(Token token) {
    try {
      return Long.valueOf(token.value());
    } catch (NumberFormatException e) {
      throw JinjaException.at(token.line(), token.value() + " is too large");
    }
  }

  private static Expression nameOrConstant(String name) {
    return switch (name) {
      case "true", "True" -> constant(true);
      case "false", "False" -> constant(false);
      case "none", "None" -> constant(null);
      default -> new Name(name);
    };
  }

  private Expression parenthesised() {
    if (tokens.takeOperator(")")) {
      return ExpressionParser.listOf(List.of());
    }
    Expression first = expressions.expression();
    if (tokens.takeOperator(")")) {
      // No longer a name, so that it is no name of an argument either.
      return scope -> first.value(scope);
    }
    tokens.expectOperator(",");
    List<Expression> elements = new ArrayList<>();
    elements.add(first);
    elements.addAll(elements(")"));
    return ExpressionParser.listOf(elements);
  }

  private List<Expression> elements(String end) {
    List<Expression> elements = new ArrayList<>();
    while (!tokens.takeOperator(end)) {
      elements.add(expressions.expression());
      if (!tokens.atOperator(end)) {
        tokens.expectOperator(",");
      }
    }
    return elements;
  }

  private Expression mapping() {
    Map<Expression, Expression> entries = new LinkedHashMap<>();
    while (!tokens.takeOperator("}")) {
      Expression key = expressions.expression();
      tokens.expectOperator(":");
      entries.put(key, expressions.expression());
      if (!tokens.atOperator("}")) {
        tokens.expectOperator(",");
      }
    }
    return scope -> {
      Map<Object, Object> map = new LinkedHashMap<>();
      entries.forEach((key, value) -> map.put(key.value(scope), value.value(scope)));
      return map;
    };
  }

  private static Expression constant(Object value) {
    return scope -> value;
  }

  /** A variable. */
  record Name(String name) implements Expression {
    @Override
    public Object value(Scope scope) {
      return scope.get(name);
    }
  }

  /** The arguments of a call. */
  record Call(List<Expression> positional, Map<String, Expression> named) {
    static final Call NONE = new Call(List.of(), Map.of());

    Arguments evaluate(String function, Scope scope) {
      List<Object> values = new ArrayList<>();
      positional.forEach(argument -> values.add(argument.value(scope)));
      Map<String, Object> byName = new LinkedHashMap<>();
      named.forEach((name, argument) -> byName.put(name, argument.value(scope)));
      return new Arguments(function, values, byName);
    }
  }
}
