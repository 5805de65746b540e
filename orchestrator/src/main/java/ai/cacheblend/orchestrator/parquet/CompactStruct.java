package ai.cacheblend.orchestrator.parquet;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Map;

/**
 * A decoded Thrift struct: values by field id.
 *
 * @param name for messages
 */
record CompactStruct(String name, Map<Integer, Object> fields) {

  boolean has(int id) {
    return fields.containsKey(id);
  }

  /** A whole number that must be in the range of int and not negative. */
  int size(int id) throws ParquetException {
    long value = integer(id);
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new ParquetException("%s field %d is %d".formatted(name, id, value));
    }
    return (int) value;
  }

  int size(int id, int otherwise) throws ParquetException {
    return has(id) ? size(id) : otherwise;
  }

  long integer(int id) throws ParquetException {
    return typed(id, Long.class);
  }

  String text(int id) throws ParquetException {
    return new String(typed(id, byte[].class), UTF_8);
  }

  boolean bool(int id, boolean otherwise) throws ParquetException {
    return has(id) ? typed(id, Boolean.class) : otherwise;
  }

  CompactStruct struct(int id) throws ParquetException {
    return typed(id, CompactStruct.class);
  }

  List<CompactStruct> structs(int id) throws ParquetException {
    List<?> elements = typed(id, List.class);
    for (Object element : elements) {
      if (!(element instanceof CompactStruct)) {
        throw new ParquetException("%s field %d is not a list of structs".formatted(name, id));
      }
    }
    return elements.stream().map(CompactStruct.class::cast).toList();
  }

  private <T> T typed(int id, Class<T> type) throws ParquetException {
    Object value = fields.get(id);
    if (!type.isInstance(value)) {
      throw new ParquetException(
          "%s field %d is %s"
              .formatted(
                  name, id, value == null ? "missing" : "a " + value.getClass().getSimpleName()));
    }
    return type.cast(value);
  }
}
