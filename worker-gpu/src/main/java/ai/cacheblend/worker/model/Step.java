package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** One run of the graph over the rows of one or more sequences, each of which appears once. */
public record Step(List<SequenceStep> sequences) {
  /** Limit of the custom ops: kMaxStepSequences of the native library. */
  public static final int MAX_SEQUENCE_COUNT = 1024;

  public Step {
    sequences = List.copyOf(sequences);
    checkArgument(
        !sequences.isEmpty() && sequences.size() <= MAX_SEQUENCE_COUNT,
        "a step has %s sequences, must have 1 to %s",
        sequences.size(),
        MAX_SEQUENCE_COUNT);
    List<Integer> checkLayers = sequences.get(0).selection().checkLayers();
    for (SequenceStep sequence : sequences) {
      checkArgument(
          sequence.selection().checkLayers().equals(checkLayers),
          "the sequences of a step have check layers %s and %s",
          checkLayers,
          sequence.selection().checkLayers());
    }
  }

  /**
   * Whether the sequences are in the order of the graph: those that do not probe, then the probes,
   * those with more layers first.
   */
  boolean inGraphOrder() {
    for (int s = 1; s < sequences.size(); s++) {
      if (sequences.get(s).lastLayer() > sequences.get(s - 1).lastLayer()) {
        return false;
      }
    }
    return true;
  }

  /** The order of the graph. Each element is an index of {@link #sequences}. */
  ImmutableIntArray graphOrder() {
    return ImmutableIntArray.copyOf(
        IntStream.range(0, sequences.size())
            .boxed()
            .sorted(Comparator.comparingInt(s -> -sequences.get(s).lastLayer()))
            .mapToInt(s -> s));
  }

  /** The number of sequences that do not probe: those with outputs. */
  int continuingCount() {
    int count = 0;
    for (SequenceStep sequence : sequences) {
      count += sequence.probe().isEmpty() ? 1 : 0;
    }
    return count;
  }

  public static Step of(SequenceStep... sequences) {
    return new Step(List.of(sequences));
  }

  int rowCount() {
    int count = 0;
    for (SequenceStep sequence : sequences) {
      count += sequence.rowCount();
    }
    return count;
  }

  /** Whether every sequence probes, so that no output is needed on the host. */
  boolean isProbe() {
    return continuingCount() == 0;
  }

  int checkCount() {
    return sequences.get(0).selection().keepCounts().length();
  }
}
