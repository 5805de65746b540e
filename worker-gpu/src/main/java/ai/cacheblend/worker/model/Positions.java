package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;

/** Positions of the rows of one sequence in a step, ascending. */
public sealed interface Positions {
  /** All of {@code [from, to)}, the form of most steps. It stores no position. */
  record Range(int from, int to) implements Positions {
    public Range {
      checkArgument(from >= 0 && to > from, "positions [%s, %s) are empty or negative", from, to);
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

  /** Single positions, ascending. */
  record Listed(ImmutableIntArray values) implements Positions {
    public Listed {
      checkArgument(!values.isEmpty(), "a sequence has at least one row in a step");
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
