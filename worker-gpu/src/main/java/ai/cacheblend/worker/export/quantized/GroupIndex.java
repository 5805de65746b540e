package ai.cacheblend.worker.export.quantized;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.weights.OpenFiles;
import ai.cacheblend.worker.export.weights.SafetensorsTensor;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The group of each input of a layer, whose scale it has.
 *
 * @param stored tensor with the groups; empty: consecutive inputs
 * @param size inputs of a group
 */
record GroupIndex(Optional<SafetensorsTensor> stored, int inputs, int size, int count) {
  GroupIndex {
    requireNonNull(stored, "stored is null");
  }

  static GroupIndex of(Optional<SafetensorsTensor> stored, int inputs, int size)
      throws ExportException {
    if (stored.isPresent()
        && (!stored.get().type().equals("I32")
            || !stored.get().shape().equals(List.of((long) inputs)))) {
      throw Parts.wrong(stored.get(), "I32 [%d]".formatted(inputs));
    }
    return new GroupIndex(stored, inputs, size, (int) (((long) inputs + size - 1) / size));
  }

  /** Reads and checks the groups. */
  int[] read(OpenFiles files) throws IOException {
    int[] groups = new int[inputs];
    if (stored.isEmpty()) {
      for (int input = 0; input < inputs; input++) {
        groups[input] = input / size;
      }
      return groups;
    }
    SafetensorsTensor index = stored.get();
    new Words(index, files).read(0, 0, inputs, groups);
    for (int group : groups) {
      if (group < 0 || group >= count) {
        throw new ExportException(
            "%s: tensor %s holds %d, expected 0 to %d"
                .formatted(index.file(), index.range().tensor(), group, count - 1));
      }
    }
    return groups;
  }
}
