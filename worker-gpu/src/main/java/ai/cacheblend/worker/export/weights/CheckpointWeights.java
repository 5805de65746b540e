package ai.cacheblend.worker.export.weights;

import ai.cacheblend.worker.export.ExportException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The tensors of a checkpoint, by their names in transformers. */
public final class CheckpointWeights implements WeightSource, AutoCloseable {

  // Derived from the config; older checkpoints store it with the weights.
  private static final Pattern FREQUENCIES = Pattern.compile(".*\\.rotary_emb\\.inv_freq");
  private static final int COMPARED_ELEMENTS = 1 << 16;

  private final Map<String, StoredTensor> tensors;
  private final OpenFiles files = new OpenFiles();

  public CheckpointWeights(Map<String, ? extends StoredTensor> tensors) {
    this.tensors = Map.copyOf(tensors);
  }

  public boolean has(TensorSpec tensor) {
    return tensors.containsKey(tensor.name());
  }

  /**
   * Checks that each needed tensor is present with its shape and in a readable type, and that all
   * other tensors are among the optional ones, with the same checks. A tensor that the graph does
   * not use would otherwise be dropped without notice.
   *
   * @param frequencyCount size of the rotary frequencies that older checkpoints store
   */
  public void check(
      Collection<TensorSpec> needed, Collection<TensorSpec> optional, int frequencyCount)
      throws ExportException {
    for (TensorSpec tensor : needed) {
      if (!has(tensor)) {
        throw new ExportException(
            "%s is missing a tensor: %s, expected with shape %s"
                .formatted(fileNames(), tensor.name(), tensor.shape()));
      }
      check(tensor.name(), tensor.shape().toString());
    }
    for (TensorSpec tensor : optional) {
      if (has(tensor)) {
        check(tensor.name(), tensor.shape().toString());
      }
    }
    Set<String> known = needed.stream().map(TensorSpec::name).collect(Collectors.toSet());
    optional.forEach(tensor -> known.add(tensor.name()));
    for (String name : new TreeSet<>(tensors.keySet())) {
      if (FREQUENCIES.matcher(name).matches()) {
        check(name, "[" + frequencyCount + "]");
      } else if (!known.contains(name)) {
        throw new ExportException(
            "%s: tensor %s %s is not part of the architecture that the configuration describes"
                .formatted(tensors.get(name).file(), name, tensors.get(name).shape()));
      }
    }
  }

  private void check(String name, String shape) throws ExportException {
    StoredTensor tensor = tensors.get(name);
    if (!tensor.shape().toString().equals(shape)) {
      throw new ExportException(
          "%s: tensor %s has shape %s, expected %s"
              .formatted(tensor.file(), name, tensor.shape(), shape));
    }
    Optional<String> defect = tensor.defect();
    if (defect.isPresent()) {
      throw new ExportException("%s: tensor %s %s".formatted(tensor.file(), name, defect.get()));
    }
  }

  /** Whether two tensors of the same shape hold the same numbers. */
  public boolean sameNumbers(TensorSpec first, TensorSpec second) throws IOException {
    float[] left = new float[COMPARED_ELEMENTS];
    float[] right = new float[COMPARED_ELEMENTS];
    FloatStream firstNumbers = open(first);
    FloatStream secondNumbers = open(second);
    for (long done = 0; done < first.elementCount(); done += COMPARED_ELEMENTS) {
      int count = (int) Math.min(COMPARED_ELEMENTS, first.elementCount() - done);
      firstNumbers.read(left, count);
      secondNumbers.read(right, count);
      if (!Arrays.equals(left, 0, count, right, 0, count)) {
        return false;
      }
    }
    return true;
  }

  private String fileNames() {
    Set<String> names = new TreeSet<>();
    tensors.values().forEach(tensor -> names.add(tensor.file().toString()));
    return names.isEmpty() ? "the checkpoint" : String.join(", ", names);
  }

  @Override
  public FloatStream open(TensorSpec tensor) throws IOException {
    FloatStream stored = tensors.get(tensor.name()).open(files);
    int columns = tensor.shape().size() == 1 ? 1 : tensor.shape().get(1);
    return tensor.headRows().map(rows -> rows.reordered(stored, columns)).orElse(stored);
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
