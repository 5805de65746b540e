package ai.cacheblend.worker.export.config;

import ai.cacheblend.worker.export.CheckpointFiles;
import ai.cacheblend.worker.export.ExportException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

/**
 * A JSON object of a checkpoint. Errors name file, field, value and the expected value.
 *
 * @param prefix of field names in messages: empty, or the name of the outer field and a dot
 */
record ConfigObject(Path file, String prefix, ObjectNode json) {

  /** Longer values are cut in messages. */
  private static final int MAX_VALUE_CHARS = 100;

  static ConfigObject read(Path file) throws IOException {
    return new ConfigObject(file, "", CheckpointFiles.readObject(file));
  }

  /** Whether the field is present and not null. */
  boolean has(String field) {
    return !value(field).isNull();
  }

  /** The field's value; null and absent are the same. */
  JsonNode value(String field) {
    JsonNode value = json.get(field);
    return value == null ? json.nullNode() : value;
  }

  TreeSet<String> fields() {
    TreeSet<String> names = new TreeSet<>();
    json.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** A size from 1 to {@code max}; an absent field has the default. */
  int size(String field, int absentSize, int max) throws ExportException {
    if (json.has(field) && !has(field)) {
      throw wrong(field, "a whole number from 1 to " + max);
    }
    return nullableSize(field, absentSize, max);
  }

  /** The same; null is as absent. */
  int nullableSize(String field, int absentSize, int max) throws ExportException {
    boolean wrong =
        has(field)
            && (!value(field).isIntegralNumber()
                || !value(field).canConvertToInt()
                || value(field).intValue() < 1);
    int size = has(field) && !wrong ? value(field).intValue() : absentSize;
    if (wrong || size > max) {
      throw wrong(field, "a whole number from 1 to " + max);
    }
    return size;
  }

  int positive(String field) throws ExportException {
    return optionalPositive(field).orElseThrow(() -> wrong(field, "a whole number > 0"));
  }

  OptionalInt optionalPositive(String field) throws ExportException {
    OptionalInt value = optionalNonNegative(field);
    if (value.isPresent() && value.getAsInt() == 0) {
      throw wrong(field, "a whole number > 0");
    }
    return value;
  }

  OptionalInt optionalNonNegative(String field) throws ExportException {
    if (!has(field)) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(nonNegative(field, value(field)));
  }

  private int nonNegative(String field, JsonNode value) throws ExportException {
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0) {
      throw wrong(field, "a whole number from 0 to 2147483647");
    }
    return value.intValue();
  }

  /** One whole number or a list of them; empty where the field is null or absent. */
  List<Integer> nonNegativeList(String field) throws ExportException {
    List<Integer> values = new ArrayList<>();
    if (value(field).isArray()) {
      for (JsonNode element : value(field)) {
        values.add(nonNegative(field, element));
      }
    } else if (has(field)) {
      values.add(nonNegative(field, value(field)));
    }
    return values;
  }

  double positiveNumber(String field) throws ExportException {
    return optionalPositiveNumber(field).orElseThrow(() -> wrong(field, "a number > 0"));
  }

  double positiveNumber(String field, double defaultValue) throws ExportException {
    return optionalPositiveNumber(field).orElse(defaultValue);
  }

  Optional<Double> optionalPositiveNumber(String field) throws ExportException {
    if (!has(field)) {
      return Optional.empty();
    }
    double number = value(field).isNumber() ? value(field).doubleValue() : Double.NaN;
    if (!(number > 0) || Double.isInfinite(number)) {
      throw wrong(field, "a number > 0");
    }
    return Optional.of(number);
  }

  /** A list of exactly that many numbers. */
  List<Double> positiveNumbers(String field, int count) throws ExportException {
    List<Double> numbers = new ArrayList<>();
    for (JsonNode element : value(field)) {
      numbers.add(element.isNumber() ? element.doubleValue() : Double.NaN);
    }
    boolean usable =
        value(field).isArray()
            && numbers.size() == count
            && numbers.stream().allMatch(number -> number > 0 && Double.isFinite(number));
    if (!usable) {
      throw wrong(field, "a list of %d numbers > 0".formatted(count));
    }
    return numbers;
  }

  boolean flag(String field) throws ExportException {
    if (has(field) && !value(field).isBoolean()) {
      throw wrong(field, "true or false");
    }
    return value(field).booleanValue();
  }

  /** The same; an absent or null field has the default. */
  boolean flag(String field, boolean defaultValue) throws ExportException {
    return has(field) ? flag(field) : defaultValue;
  }

  Optional<String> text(String field) throws ExportException {
    if (!has(field)) {
      return Optional.empty();
    }
    if (!value(field).isTextual()) {
      throw wrong(field, "a string");
    }
    return Optional.of(value(field).textValue());
  }

  Optional<ConfigObject> object(String field) throws ExportException {
    if (!has(field)) {
      return Optional.empty();
    }
    if (!(value(field) instanceof ObjectNode object)) {
      throw wrong(field, "an object");
    }
    return Optional.of(new ConfigObject(file, prefix + field + ".", object));
  }

  /** Whether the field's value, as JSON, is the expected one; 1 and 1.0 are the same. */
  boolean is(String field, String expectedJson) {
    return canonical(value(field)).equals(expectedJson);
  }

  private static String canonical(JsonNode value) {
    // 1e400 is read as an infinite double, which has no decimal value.
    if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
      return value.toString();
    }
    BigDecimal number = value.decimalValue();
    return number.stripTrailingZeros().toPlainString();
  }

  ExportException wrong(String field, String expected) {
    return new ExportException(file + ": " + mismatch(field, expected));
  }

  /** Field, value and what was expected, without the file. */
  String mismatch(String field, String expected) {
    return "%s%s is %s, expected %s"
        .formatted(
            prefix, field, json.has(field) ? shortened(json.get(field)) : "absent", expected);
  }

  private static String shortened(JsonNode value) {
    String text = value.toString();
    return text.length() <= MAX_VALUE_CHARS ? text : text.substring(0, MAX_VALUE_CHARS) + "…";
  }
}
