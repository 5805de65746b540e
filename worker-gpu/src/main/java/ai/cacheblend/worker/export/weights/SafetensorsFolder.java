package ai.cacheblend.worker.export.weights;

import ai.cacheblend.worker.export.CheckpointFiles;
import ai.cacheblend.worker.export.ExportException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The tensors of a folder with one safetensors file or with shards. */
public final class SafetensorsFolder {

  private static final String SINGLE_FILE = "model.safetensors";
  private static final String INDEX_FILE = "model.safetensors.index.json";
  private static final Pattern SHARD_NAME = Pattern.compile("[A-Za-z0-9_.-]+\\.safetensors");

  /** Weights that PyTorch pickled. */
  private static final Pattern PICKLED =
      Pattern.compile("pytorch_model.*\\.bin(\\.index\\.json)?|.*\\.(pt|pth)");

  private SafetensorsFolder() {}

  /** Reads and checks all headers. */
  public static Map<String, SafetensorsTensor> read(Path folder) throws IOException {
    Path single = folder.resolve(SINGLE_FILE);
    CheckpointFiles.checkContent(single);
    if (Files.isRegularFile(single)) {
      return readFile(single);
    }
    Path index = folder.resolve(INDEX_FILE);
    CheckpointFiles.checkContent(index);
    if (Files.isRegularFile(index)) {
      return sharded(folder, index);
    }
    throw new ExportException(
        "%s has neither %s nor %s%s"
            .formatted(
                folder,
                SINGLE_FILE,
                INDEX_FILE,
                pickled(folder)
                    .map(
                        name ->
                            (", only %s; convert it: python3 -c \"from transformers import"
                                    + " AutoModelForCausalLM as m; m.from_pretrained('%s',"
                                    + " dtype='auto').save_pretrained('%s')\"")
                                .formatted(name, folder, folder))
                    .orElse("; only safetensors weights and .gguf files can be exported")));
  }

  private static Optional<String> pickled(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(PICKLED.asMatchPredicate())
          .min(Comparator.naturalOrder());
    }
  }

  /** The tensors of one file. */
  public static Map<String, SafetensorsTensor> readFile(Path file) throws IOException {
    return SafetensorsFile.open(file).tensors();
  }

  private static Map<String, SafetensorsTensor> sharded(Path folder, Path index)
      throws IOException {
    JsonNode weightMap = CheckpointFiles.readObject(index).path("weight_map");
    if (!weightMap.isObject()) {
      throw new ExportException(index + ": weight_map is not an object");
    }
    Map<String, SafetensorsFile> shards = new LinkedHashMap<>();
    Map<String, SafetensorsTensor> tensors = new LinkedHashMap<>();
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
      SafetensorsTensor stored = shards.get(shardName).tensors().get(tensor);
      if (stored == null) {
        throw new ExportException(
            "%s has no tensor %s, which %s lists there".formatted(shard, tensor, index));
      }
      tensors.put(tensor, stored);
    }
    return tensors;
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
}
