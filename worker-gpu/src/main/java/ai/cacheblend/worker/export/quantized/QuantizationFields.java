package ai.cacheblend.worker.export.quantized;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.export.ExportException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The fields of a {@code quantization_config}. Messages show all of them. */
record QuantizationFields(Path file, ObjectNode json) {
  QuantizationFields {
    requireNonNull(file, "file is null");
    requireNonNull(json, "json is null");
  }

  /** Null and absent fields are the same. */
  JsonNode value(String field) {
    JsonNode value = json.path(field);
    return value.isNull() ? json.path("") : value;
  }

  /** In lower case; empty if absent. */
  String text(String field) {
    return value(field).asText().toLowerCase(Locale.ROOT);
  }

  /** Refuses a field that has none of the values; null and absent are the text "". */
  void require(String field, String... allowed) throws ExportException {
    if (!List.of(allowed).contains(text(field))) {
      throw unsupported(
          field,
          String.join(
              " or ",
              List.of(allowed).stream().map(text -> text.isEmpty() ? "absent" : text).toList()));
    }
  }

  /** Refuses a list or an object that is not empty. */
  void requireEmpty(String field) throws ExportException {
    if (!value(field).isEmpty()) {
      throw unsupported(field, "none");
    }
  }

  /** The inputs that share a scale: {@code group_size}, where −1 stands for all. */
  int groupSize() throws ExportException {
    JsonNode size = value("group_size");
    if (!size.isInt() || (size.intValue() < 1 && size.intValue() != -1)) {
      throw unsupported("group_size", "-1 or a whole number > 0");
    }
    return size.intValue() == -1 ? Integer.MAX_VALUE : size.intValue();
  }

  ExportException unsupported(String field, String expected) {
    JsonNode value = value(field);
    return new ExportException(
        "%s: quantization_config.%s is %s, expected %s; all of it: %s"
            .formatted(
                file, field, value.isMissingNode() ? "absent" : value.toString(), expected, json));
  }
}
