package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rows of one sequence that are active in layer 0, and that stay active after each check layer of
 * the graph.
 *
 * @param choice rows that are active in layer 0
 * @param checkLayers check layers of the graph, ascending
 * @param keepCounts cached rows that stay active, one count per check layer; −1: the layer compares
 *     nothing and keeps all rows
 * @param compareKeys whether the check layers compare keys instead of values
 * @param weighByAttention whether scores are multiplied by the attention of an earlier probe
 */
public record RowSelection(
    RowChoice choice,
    List<Integer> checkLayers,
    ImmutableIntArray keepCounts,
    boolean compareKeys,
    boolean weighByAttention) {
  private static final int KEEP_ALL = -1;

  public RowSelection {
    requireNonNull(choice, "choice is null");
    checkLayers = List.copyOf(checkLayers);
    checkArgument(
        keepCounts.length() == checkLayers.size(),
        "%s keep counts for %s check layers",
        keepCounts.length(),
        checkLayers.size());
  }

  /** A selection that keeps all rows. */
  public static RowSelection keepAll(List<Integer> checkLayers) {
    return new RowSelection(
        RowChoice.ALL_ROWS,
        checkLayers,
        ImmutableIntArray.copyOf(Collections.nCopies(checkLayers.size(), KEEP_ALL)),
        false,
        false);
  }

  /** Check layers that select rows, ascending. */
  public List<Integer> selectingLayers() {
    return IntStream.range(0, checkLayers.size())
        .filter(check -> keepCounts.get(check) != KEEP_ALL)
        .mapToObj(checkLayers::get)
        .toList();
  }
}
