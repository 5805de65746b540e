package ai.cacheblend.orchestrator.jinja;

/**
 * @param value text, name, operator, or content of a string
 * @param line from 1
 */
record Token(Kind kind, String value, int line) {
  enum Kind {
    TEXT,
    EXPRESSION_BEGIN,
    EXPRESSION_END,
    BLOCK_BEGIN,
    BLOCK_END,
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    END
  }

  boolean is(Kind ofKind, String ofValue) {
    return kind == ofKind && value.equals(ofValue);
  }
}
