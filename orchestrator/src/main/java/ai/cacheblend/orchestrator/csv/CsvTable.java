package ai.cacheblend.orchestrator.csv;

import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A CSV table with a header. Unknown values are empty fields. Text that a spreadsheet would
 * evaluate as a formula has an apostrophe in front; numbers do not.
 */
final class CsvTable {
  private static final CsvMapper MAPPER = CsvMapper.csvBuilder().build();

  /** Some programs skip a tab or a line break in front. The last four are full-width forms. */
  private static final String FORMULA_STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20";

  private final CsvSchema schema;
  private final List<List<Object>> rows = new ArrayList<>();

  CsvTable(List<String> header) {
    CsvSchema.Builder builder = CsvSchema.builder().setUseHeader(true);
    header.forEach(name -> builder.addColumn(text(name)));
    schema = builder.build();
  }

  void row(List<?> values) {
    if (values.size() != schema.size()) {
      throw new IllegalArgumentException(
          "row has " + values.size() + " fields, header " + schema.size());
    }
    List<Object> row = new ArrayList<>();
    values.forEach(value -> row.add(cell(value)));
    rows.add(row);
  }

  private static Object cell(Object value) {
    if (!known(value)) {
      return "";
    }
    return value instanceof Number || value instanceof Boolean ? value : text(value.toString());
  }

  private static String text(String value) {
    return !value.isEmpty() && FORMULA_STARTS.indexOf(value.charAt(0)) >= 0 ? "'" + value : value;
  }

  private static boolean known(Object value) {
    return value != null && !(value instanceof Double number && !Double.isFinite(number));
  }

  String render() {
    StringWriter text = new StringWriter();
    try (SequenceWriter writer = MAPPER.writer(schema).writeValues(text)) {
      writer.writeAll(rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
