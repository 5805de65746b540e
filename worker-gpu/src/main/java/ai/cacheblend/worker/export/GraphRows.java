package ai.cacheblend.worker.export;

import static java.util.Objects.requireNonNull;

/** Names of the values that say which rows a step works on. */
record GraphRows(String positions, String offsets) {

  GraphRows {
    requireNonNull(positions, "positions is null");
    requireNonNull(offsets, "offsets is null");
  }
}
