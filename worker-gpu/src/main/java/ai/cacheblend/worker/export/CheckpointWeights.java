package ai.cacheblend.worker.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The tensors of a checkpoint, in one safetensors file or in shards. */
final class CheckpointWeights implements WeightSource, AutoCloseable {

  private static final String SINGLE_FILE = "model.safetensors";
  private static final String INDEX_FILE = "model.safetensors.index.json";
  private static final Pattern SHARD_NAME = Pattern.compile("[A-Za-z0-9_.-]+\\.safetensors");
  // Derived from the config; older checkpoints store it beside the weights.
  private static final Pattern IGNORED_TENSOR = Pattern.compile(".*\\.rotary_emb\\.inv_freq");

  private final Map<String, Location> locations;
  private final SafetensorsReader reader = new SafetensorsReader();

  /** A tensor and the file that holds it. */
  private record Location(Path file, SafetensorsFile.Entry entry) {}

  private CheckpointWeights(Map<String, Location> locations) {
    this.locations = locations;
  }

  /** Reads and checks all headers. */
  static CheckpointWeights open(Path folder) throws IOException {
    Path single = folder.resolve(SINGLE_FILE);
    if (Files.isRegularFile(single)) {
      Map<String, Location> locations = new LinkedHashMap<>();
      SafetensorsFile.open(single)
          .entries()
          .forEach((name, entry) -> locations.put(name, new Location(single, entry)));
      return new CheckpointWeights(locations);
    }
    Path index = folder.resolve(INDEX_FILE);
    if (Files.isRegularFile(index)) {
      return new CheckpointWeights(sharded(folder, index));
    }
    throw new ExportException(
        "%s has neither %s nor %s; only safetensors weights can be exported"
            .formatted(folder, SINGLE_FILE, INDEX_FILE));
  }

  private static Map<String, Location> sharded(Path folder, Path index) throws IOException {
    JsonNode weightMap = JsonFiles.readObject(index).path("weight_map");
    if (!weightMap.isObject()) {
      throw new ExportException(index + ": weight_map is no object");
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
        if (!Files.isRegularFile(shard)) {
          throw new ExportException(
              "%s is missing; %s says that it holds tensor %s".formatted(shard, index, tensor));
        }
        shards.put(shardName, SafetensorsFile.open(shard));
      }
      SafetensorsFile.Entry entry = shards.get(shardName).entries().get(tensor);
      if (entry == null) {
        throw new ExportException(
            "%s has no tensor %s; %s says that it has".formatted(shard, tensor, index));
      }
      locations.put(tensor, new Location(shard, entry));
    }
    return locations;
  }

  /**
   * Checks that each wanted tensor is there, with the wanted shape and a type that can be read, and
   * that there is no other: one that the graph does not use would be left out of the answer.
   */
  void check(Collection<TensorSpec> wanted, Set<String> alsoAllowed) throws ExportException {
    for (TensorSpec tensor : wanted) {
      Location location = locations.get(tensor.name());
      if (location == null) {
        throw new ExportException(
            "%s is missing a tensor: %s, expected with shape %s"
                .formatted(files(), tensor.name(), tensor.shape()));
      }
      if (!shapeOf(location).equals(tensor.shape().toString())) {
        throw new ExportException(
            "%s: tensor %s has shape %s, expected %s"
                .formatted(location.file(), tensor.name(), shapeOf(location), tensor.shape()));
      }
      if (StoredType.ofName(location.entry().type()).isEmpty()) {
        throw new ExportException(
            "%s: tensor %s has dtype %s, expected F32, F16, BF16 or F64"
                .formatted(location.file(), tensor.name(), location.entry().type()));
      }
    }
    Set<String> known = wanted.stream().map(TensorSpec::name).collect(Collectors.toSet());
    for (Map.Entry<String, Location> found : locations.entrySet()) {
      String name = found.getKey();
      if (!known.contains(name)
          && !alsoAllowed.contains(name)
          && !IGNORED_TENSOR.matcher(name).matches()) {
        throw new ExportException(
            "%s: tensor %s %s is no part of the architecture that config.json describes"
                .formatted(found.getValue().file(), name, shapeOf(found.getValue())));
      }
    }
  }

  private static String shapeOf(Location location) {
    return location.entry().shape().toString();
  }

  private String files() {
    Set<String> files = new TreeSet<>();
    locations.values().forEach(location -> files.add(location.file().toString()));
    return files.isEmpty() ? "the checkpoint" : String.join(", ", files);
  }

  @Override
  public FloatStream open(TensorSpec tensor) throws IOException {
    Location location = locations.get(tensor.name());
    return reader.open(location.file(), location.entry());
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
