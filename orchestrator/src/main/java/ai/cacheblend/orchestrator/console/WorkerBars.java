package ai.cacheblend.orchestrator.console;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The progress of each worker. */
final class WorkerBars {
  private static final int BAR_WIDTH = 30;

  private static final class Share {
    private double doneWeight;
    private String label = "";
    private boolean lost;
  }

  private final Map<String, Share> shares = new LinkedHashMap<>();

  WorkerBars(List<String> workers) {
    workers.forEach(worker -> shares.put(worker, new Share()));
  }

  void finished(String worker, String label, double weight) {
    Share share = shares.computeIfAbsent(worker, w -> new Share());
    share.doneWeight += weight;
    share.label = label;
  }

  void lost(String worker) {
    shares.computeIfAbsent(worker, w -> new Share()).lost = true;
  }

  /**
   * One line per worker.
   *
   * @param leftWeight remaining work, which is divided equally among the remaining workers
   */
  List<String> lines(double leftWeight) {
    long working = shares.values().stream().filter(share -> !share.lost).count();
    int width = shares.keySet().stream().mapToInt(String::length).max().orElse(1);
    List<String> lines = new ArrayList<>();
    shares.forEach(
        (worker, share) -> {
          double total = share.doneWeight + (share.lost ? 0 : leftWeight / working);
          double done = total > 0 ? share.doneWeight / total : 1;
          lines.add(
              String.format(
                  Locale.ROOT,
                  "  %-" + width + "s  %s %3.0f %%  %s",
                  worker,
                  bar(done),
                  100 * done,
                  share.lost ? "lost" : share.label));
        });
    return lines;
  }

  private static String bar(double done) {
    int full = (int) Math.round(Math.min(1, done) * BAR_WIDTH);
    return "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
  }
}
