package ai.cacheblend.orchestrator.console;

import ai.cacheblend.orchestrator.records.KvLoads;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoubleFunction;

/** Formats the loads of chunks from a tier. */
public final class KvLoadTable {
  private static final List<String> HEADER =
      List.of("arm", "tokens", "TTFT, ms", "predicted", "error", "hidden", "computed", "ratio");

  private KvLoadTable() {}

  /** One line per length and arm; nothing if no chunks were loaded. */
  public static String render(KvLoads loads, Columns columns) {
    if (loads.rows().isEmpty()) {
      return "";
    }
    TextTable table = new TextTable(columns, HEADER);
    for (KvLoads.Row row : loads.rows()) {
      table.row(
          List.of(
              row.arm(),
              Integer.toString(row.length()),
              Numbers.millis(row.workerTtftSeconds()),
              cell(row.predictedSeconds(), Numbers::millis),
              cell(row.error(), KvLoadTable::percent),
              cell(row.hidden(), KvLoadTable::percent),
              Long.toString(Math.round(row.computedChunks())),
              cell(row.ratio(), Numbers::budget)));
    }
    return "\nLoads of chunks: medians. Worker TTFT, and the prediction of the worker. Hidden:\n"
        + "share of the load during which compute did not wait. Computed: chunks whose\n"
        + "rows were computed instead of loaded. Ratio: of arms with @auto.\n"
        + table.render();
  }

  private static String percent(double share) {
    return Numbers.percent(share) + " %";
  }

  private static String cell(OptionalDouble value, DoubleFunction<String> format) {
    return value.isPresent() ? format.apply(value.getAsDouble()) : "-";
  }
}
