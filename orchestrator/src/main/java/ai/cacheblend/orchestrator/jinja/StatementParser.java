package ai.cacheblend.orchestrator.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Parses a template. For a single use. */
final class StatementParser {
  private final TokenStream tokens;
  private final ExpressionParser expressions;

  StatementParser(List<Token> tokens) {
    this.tokens = new TokenStream(tokens);
    this.expressions = new ExpressionParser(this.tokens);
  }

  List<Statement> template() {
    List<Statement> statements = until(Set.of());
    if (!tokens.at(Token.Kind.END)) {
      throw tokens.unexpected("text");
    }
    return statements;
  }

  /** Statements up to the block that begins with one of {@code names}, whose name is next. */
  private List<Statement> until(Set<String> names) {
    List<Statement> statements = new ArrayList<>();
    while (true) {
      Token token = tokens.peek();
      switch (token.kind()) {
        case TEXT -> {
          String text = tokens.next().value();
          statements.add(
              scope -> {
                scope.write(text);
                return Statement.Flow.NEXT;
              });
        }
        case EXPRESSION_BEGIN -> statements.add(output());
        case BLOCK_BEGIN -> {
          tokens.next();
          if (tokens.at(Token.Kind.NAME) && names.contains(tokens.peek().value())) {
            return statements;
          }
          statements.add(block());
        }
        default -> {
          if (!names.isEmpty()) {
            throw tokens.unexpected(String.join(" or ", names.stream().sorted().toList()));
          }
          return statements;
        }
      }
    }
  }

  private Statement output() {
    int line = tokens.next().line();
    Expression value = expressions.expressionOrList();
    tokens.expect(Token.Kind.EXPRESSION_END, "'}}'");
    return scope -> {
      ExpressionParser.located(
          line,
          () -> {
            scope.write(Values.text(value.value(scope)));
            return null;
          });
      return Statement.Flow.NEXT;
    };
  }

  private Statement block() {
    int line = tokens.peek().line();
    String name = tokens.name();
    return switch (name) {
      case "if" -> condition();
      case "for" -> loop(line);
      case "set" -> assignment();
      case "macro" -> macro();
      case "filter" -> filtered();
      case "generation" -> {
        // Marks what the assistant wrote, for training; the text is not changed.
        endOfBlock();
        yield body("endgeneration");
      }
      case "break" -> {
        endOfBlock();
        yield scope -> Statement.Flow.BREAK;
      }
      case "continue" -> {
        endOfBlock();
        yield scope -> Statement.Flow.CONTINUE;
      }
      case "do" -> {
        Expression value = expressions.expression();
        endOfBlock();
        yield scope -> {
          value.value(scope);
          return Statement.Flow.NEXT;
        };
      }
      default -> throw JinjaException.at(line, "the block '" + name + "' is not supported");
    };
  }

  private void endOfBlock() {
    tokens.expect(Token.Kind.BLOCK_END, "'%}'");
  }

  /** Statements up to the block {@code end}, which is consumed. */
  private Statement body(String end) {
    List<Statement> statements = until(Set.of(end));
    tokens.expectName(end);
    // endmacro may repeat the name.
    while (tokens.at(Token.Kind.NAME)) {
      tokens.next();
    }
    endOfBlock();
    return scope -> Statement.all(statements, scope);
  }

  private Statement condition() {
    Expression condition = expressions.expressionOrList();
    endOfBlock();
    List<Statement> then = until(Set.of("elif", "else", "endif"));
    Statement otherwise;
    if (tokens.takeName("elif")) {
      otherwise = condition();
    } else if (tokens.takeName("else")) {
      endOfBlock();
      otherwise = body("endif");
    } else {
      tokens.expectName("endif");
      endOfBlock();
      otherwise = scope -> Statement.Flow.NEXT;
    }
    return scope ->
        Values.isTrue(condition.value(scope)) ? Statement.all(then, scope) : otherwise.run(scope);
  }

  private Statement loop(int line) {
    List<String> targets = new ArrayList<>();
    boolean bracket = tokens.takeOperator("(");
    do {
      targets.add(tokens.name());
    } while (tokens.takeOperator(","));
    if (bracket) {
      tokens.expectOperator(")");
    }
    tokens.expectName("in");
    // An if after the iterable filters it.
    Expression iterable = expressions.withoutCondition();
    Expression filter = tokens.takeName("if") ? expressions.expression() : null;
    endOfBlock();
    List<Statement> body = until(Set.of("else", "endfor"));
    Statement otherwise = scope -> Statement.Flow.NEXT;
    if (tokens.takeName("else")) {
      endOfBlock();
      otherwise = body("endfor");
    } else {
      tokens.expectName("endfor");
      endOfBlock();
    }
    return new Loop(line, targets, iterable, filter, body, otherwise);
  }

  private Statement assignment() {
    String name = tokens.name();
    if (tokens.takeOperator(".")) {
      String attribute = tokens.name();
      tokens.expectOperator("=");
      Expression value = expressions.expressionOrList();
      endOfBlock();
      return scope -> {
        if (!(scope.get(name) instanceof Namespace namespace)) {
          throw new JinjaException(
              "%s.%s cannot be set; %s is not a namespace".formatted(name, attribute, name));
        }
        namespace.attributes().put(attribute, value.value(scope));
        return Statement.Flow.NEXT;
      };
    }
    List<String> targets = new ArrayList<>(List.of(name));
    while (tokens.takeOperator(",")) {
      targets.add(tokens.name());
    }
    if (tokens.takeOperator("=")) {
      Expression value = expressions.expressionOrList();
      endOfBlock();
      return scope -> {
        Loop.assign(targets, value.value(scope), scope);
        return Statement.Flow.NEXT;
      };
    }
    return captured(name);
  }

  /** {@code set} without a value: the text up to {@code endset}. */
  private Statement captured(String name) {
    Expression value = scope -> scope.get("caller");
    while (tokens.takeOperator("|")) {
      value = new PrimaryParser(tokens, expressions).filter(value);
    }
    Expression result = value;
    endOfBlock();
    Statement body = body("endset");
    return scope -> {
      Scope captured = scope.capturing();
      body.run(captured);
      captured.set("caller", captured.written());
      scope.set(name, result.value(captured));
      return Statement.Flow.NEXT;
    };
  }

  /** {@code filter}: applies a filter to the text of the block. */
  private Statement filtered() {
    Expression text = scope -> scope.get("caller");
    Expression result = new PrimaryParser(tokens, expressions).filter(text);
    endOfBlock();
    Statement body = body("endfilter");
    return scope -> {
      Scope captured = scope.capturing();
      body.run(captured);
      captured.set("caller", captured.written());
      scope.write(Values.text(result.value(captured)));
      return Statement.Flow.NEXT;
    };
  }

  private Statement macro() {
    String name = tokens.name();
    List<Macro.Parameter> parameters = new ArrayList<>();
    tokens.expectOperator("(");
    while (!tokens.takeOperator(")")) {
      String parameter = tokens.name();
      Expression value =
          tokens.takeOperator("=") ? expressions.expression() : scope -> new Undefined(parameter);
      parameters.add(new Macro.Parameter(parameter, value));
      if (!tokens.atOperator(")")) {
        tokens.expectOperator(",");
      }
    }
    endOfBlock();
    Statement body = body("endmacro");
    return scope -> {
      scope.set(name, new Macro(name, parameters, body, scope));
      return Statement.Flow.NEXT;
    };
  }
}
