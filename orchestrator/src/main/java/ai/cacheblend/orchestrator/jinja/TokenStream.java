package ai.cacheblend.orchestrator.jinja;

import java.util.List;

/** The tokens that are still to be parsed. */
final class TokenStream {
  private final List<Token> tokens;
  private int next;

  TokenStream(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(next);
  }

  Token next() {
    Token token = tokens.get(next);
    if (token.kind() != Token.Kind.END) {
      next++;
    }
    return token;
  }

  boolean at(Token.Kind kind) {
    return peek().kind() == kind;
  }

  boolean atOperator(String operator) {
    return peek().is(Token.Kind.OPERATOR, operator);
  }

  boolean atName(String name) {
    return peek().is(Token.Kind.NAME, name);
  }

  /** Whether the token after the next is this name. */
  boolean secondIsName(String name) {
    return next + 1 < tokens.size() && tokens.get(next + 1).is(Token.Kind.NAME, name);
  }

  boolean takeOperator(String operator) {
    return take(atOperator(operator));
  }

  boolean takeName(String name) {
    return take(atName(name));
  }

  private boolean take(boolean present) {
    if (present) {
      next++;
    }
    return present;
  }

  void expectOperator(String operator) {
    if (!takeOperator(operator)) {
      throw unexpected("'" + operator + "'");
    }
  }

  void expectName(String name) {
    if (!takeName(name)) {
      throw unexpected(name);
    }
  }

  Token expect(Token.Kind kind, String what) {
    if (!at(kind)) {
      throw unexpected(what);
    }
    return next();
  }

  String name() {
    return expect(Token.Kind.NAME, "a name").value();
  }

  JinjaException unexpected(String expected) {
    Token token = peek();
    String found =
        token.value().isEmpty()
            ? "the end of the " + (at(Token.Kind.END) ? "template" : "tag")
            : "'" + token.value() + "'";
    return JinjaException.at(token.line(), "expected " + expected + ", not " + found);
  }
}
