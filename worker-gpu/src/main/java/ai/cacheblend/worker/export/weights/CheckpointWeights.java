package ai.cacheblend.worker.export.weights;

import ai.cacheblend.worker.export.CheckpointFiles;
import ai.cacheblend.worker.export.ExportException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The tensors of a checkpoint, in one safetensors file or in shards. */
public final class CheckpointWeights implements WeightSource, AutoCloseable {

  private static final String SINGLE_FILE = "model.safetensors";
  private static final String INDEX_FILE = "model.safetensors.index.json";
  private static final Pattern SHARD_NAME = Pattern.compile("[A-Za-z0-9_.-]+\\.safetensors");
  // Derived from the config; older checkpoints store it with the weights.
  private static final Pattern FREQUENCIES = Pattern.compile(".*\\.rotary_emb\\.inv_freq");
  private static final int COMPARED_ELEMENTS = 1 << 16;

  private final Map<String, Location> locations;
  private final SafetensorsReader reader = new SafetensorsReader();

  /** A tensor and the file that holds it. */
  private record Location(Path file, SafetensorsFile.Entry entry) {

    String shape() {
      return entry.shape().toString();
    }
  }

  private CheckpointWeights(Map<String, Location> locations) {
    this.locations = locations;
  }

  /** Reads and checks all headers. */
  public static CheckpointWeights open(Path folder) throws IOException {
    Path single = folder.resolve(SINGLE_FILE);
    CheckpointFiles.checkContent(single);
    if (Files.isRegularFile(single)) {
      Map<String, Location> locations = new LinkedHashMap<>();
      SafetensorsFile.open(single)
          .entries()
          .forEach((name, entry) -> locations.put(name, new Location(single, entry)));
      return new CheckpointWeights(locations);
    }
    Path index = folder.resolve(INDEX_FILE);
    CheckpointFiles.checkContent(index);
    if (Files.isRegularFile(index)) {
      return new CheckpointWeights(sharded(folder, index));
    }
    throw new ExportException(
        "%s has neither %s nor %s; only safetensors weights can be exported"
            .formatted(folder, SINGLE_FILE, INDEX_FILE));
  }

  private static Map<String, Location> sharded(Path folder, Path index) throws IOException {
    JsonNode weightMap = CheckpointFiles.readObject(index).path("weight_map");
    if (!weightMap.isObject()) {
      throw new ExportException(index + ": weight_map is not an object");
    }
    Map<String, SafetensorsFile> shards = new LinkedHashMap<>();
    Map<String, Location> locations = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : weightMap.properties()) {
      String tensor = field.getKey();
      String shardName = field.getValue().asText();
      if (!SHARD_NAME.matcher(shardName).matches()) {
        throw new ExportException(
            "%s: tensor %s is in %s, expected the name of a safetensors file"
                .formatted(index, tensor, field.getValue()));
      }
      Path shard = folder.resolve(shardName);
      if (!shards.containsKey(shardName)) {
        shards.put(shardName, openShard(shard, index, tensor));
      }
      SafetensorsFile.Entry entry = shards.get(shardName).entries().get(tensor);
      if (entry == null) {
        throw new ExportException(
            "%s has no tensor %s, which %s lists there".formatted(shard, tensor, index));
      }
      locations.put(tensor, new Location(shard, entry));
    }
    return locations;
  }

  private static SafetensorsFile openShard(Path shard, Path index, String tensor)
      throws IOException {
    CheckpointFiles.checkContent(shard);
    if (!Files.isRegularFile(shard)) {
      throw new ExportException(
          "%s is missing; %s lists tensor %s there".formatted(shard, index, tensor));
    }
    return SafetensorsFile.open(shard);
  }

  public boolean has(TensorSpec tensor) {
    return locations.containsKey(tensor.name());
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
                .formatted(files(), tensor.name(), tensor.shape()));
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
    for (Map.Entry<String, Location> found : locations.entrySet()) {
      String name = found.getKey();
      if (FREQUENCIES.matcher(name).matches()) {
        check(name, "[" + frequencyCount + "]");
      } else if (!known.contains(name)) {
        throw new ExportException(
            "%s: tensor %s %s is not part of the architecture that config.json describes"
                .formatted(found.getValue().file(), name, found.getValue().shape()));
      }
    }
  }

  private void check(String name, String shape) throws ExportException {
    Location location = locations.get(name);
    if (!location.shape().equals(shape)) {
      throw new ExportException(
          "%s: tensor %s has shape %s, expected %s"
              .formatted(location.file(), name, location.shape(), shape));
    }
    if (StoredType.ofName(location.entry().type()).isEmpty()) {
      throw new ExportException(
          "%s: tensor %s has dtype %s, expected F32, F16, BF16 or F64"
              .formatted(location.file(), name, location.entry().type()));
    }
  }

  /** Whether two tensors of the same shape hold the same numbers. */
  public boolean sameNumbers(TensorSpec first, TensorSpec second) throws IOException {
    float[] left = new float[COMPARED_ELEMENTS];
    float[] right = new float[COMPARED_ELEMENTS];
    try (SafetensorsReader other = new SafetensorsReader()) {
      FloatStream firstNumbers = open(first);
      Location location = locations.get(second.name());
      FloatStream secondNumbers = other.open(location.file(), location.entry());
      for (long done = 0; done < first.elementCount(); done += COMPARED_ELEMENTS) {
        int count = (int) Math.min(COMPARED_ELEMENTS, first.elementCount() - done);
        firstNumbers.read(left, count);
        secondNumbers.read(right, count);
        if (!Arrays.equals(left, 0, count, right, 0, count)) {
          return false;
        }
      }
    }
    return true;
  }

  private String files() {
    Set<String> files = new TreeSet<>();
    locations.values().forEach(location -> files.add(location.file().toString()));
    return files.isEmpty() ? "the checkpoint" : String.join(", ", files);
  }

  @Override
  public FloatStream open(TensorSpec tensor) throws IOException {
    Location location = locations.get(tensor.name());
    FloatStream stored = reader.open(location.file(), location.entry());
    int columns = tensor.shape().size() == 1 ? 1 : tensor.shape().get(1);
    return tensor.headRows().map(rows -> rows.reordered(stored, columns)).orElse(stored);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
