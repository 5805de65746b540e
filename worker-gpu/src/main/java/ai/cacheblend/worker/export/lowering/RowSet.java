package ai.cacheblend.worker.export.lowering;

import static java.util.Objects.requireNonNull;

/** Names of the values that describe a set of packed rows: positions [R] and offsets [S + 1]. */
record RowSet(String positions, String offsets) {

  RowSet {
    requireNonNull(positions, "positions is null");
    requireNonNull(offsets, "offsets is null");
  }
}
