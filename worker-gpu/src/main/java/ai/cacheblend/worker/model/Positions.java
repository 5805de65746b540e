package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;

/** Positions of the rows of a step in their sequence, ascending. */
public sealed interface Positions {
  /** All of {@code [from, to)}: as most steps have them, and nothing is done for each. */
  record Range(int from, int to) implements Positions {
    public Range {
      checkArgument(from >= 0 && to > from, "positions [%s, %s) are none or negative", from, to);
    }

    @Override
    public int count() {
      return to - from;
    }

    @Override
    public int get(int row) {
      return from + row;
    }
  }

  /** These. */
  record Listed(ImmutableIntArray values) implements Positions {
    public Listed {
      checkArgument(!values.isEmpty(), "a step has at least one row");
    }

    @Override
    public int count() {
      return values.length();
    }

    @Override
    public int get(int row) {
      return values.get(row);
    }
  }

  static Positions upTo(int count) {
    return new Range(0, count);
  }

  static Positions only(int position) {
    return new Range(position, position + 1);
  }

  int count();

  int get(int row);
}
