package ai.cacheblend.orchestrator.parquet;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * The levels and values of a column in one row group. A position has a value if its definition
 * level is the column's highest.
 *
 * <p>Moves forward only. Not thread-safe.
 */
final class ColumnData {
  private final SchemaNode column;
  private final int[] repetitions;
  private final int[] definitions;
  private final JsonNode[] values;
  private int position;
  private int nextValue;

  /**
   * @param values of the positions that have one
   */
  ColumnData(SchemaNode column, int[] repetitions, int[] definitions, JsonNode[] values) {
    this.column = column;
    this.repetitions = repetitions;
    this.definitions = definitions;
    this.values = values;
  }

  boolean atEnd() {
    return position == definitions.length;
  }

  int definition() throws ParquetException {
    requireMore();
    return definitions[position];
  }

  /** Repetition level of the next position; 0, the start of a row, at the end. */
  int repetition() {
    return atEnd() ? 0 : repetitions[position];
  }

  JsonNode value() throws ParquetException {
    requireMore();
    if (definitions[position++] != column.maxDefinition() || nextValue == values.length) {
      throw new ParquetException("levels and values of column %s differ".formatted(column.name()));
    }
    return values[nextValue++];
  }

  void skip() throws ParquetException {
    requireMore();
    position++;
  }

  private void requireMore() throws ParquetException {
    if (atEnd()) {
      throw new ParquetException("column %s has too few values".formatted(column.name()));
    }
  }
}
