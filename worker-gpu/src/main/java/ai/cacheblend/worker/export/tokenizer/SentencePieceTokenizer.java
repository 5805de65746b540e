package ai.cacheblend.worker.export.tokenizer;

import ai.cacheblend.worker.export.CheckpointFiles;
import ai.cacheblend.worker.export.ExportException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Converts the {@code tokenizer.model} of a checkpoint that has no {@code tokenizer.json}: models
 * of type BPE without own tokens, as those of Llama 2 and of the first Mistral 7B.
 */
public final class SentencePieceTokenizer {

  /** The file. */
  public static final String FILE = "tokenizer.model";

  private static final String CONFIG = "tokenizer_config.json";
  private static final String ADDED_TOKENS = "added_tokens.json";
  private static final long MAX_BYTES = 1 << 26;

  /** The classes of transformers that split as the converted tokenizer. */
  private static final Set<String> CLASSES = Set.of("", "LlamaTokenizer", "LlamaTokenizerFast");

  private final Path folder;
  private final ObjectNode config;
  private final SentencePieceFile model;

  private SentencePieceTokenizer(Path folder, ObjectNode config, SentencePieceFile model) {
    this.folder = folder;
    this.config = config;
    this.model = model;
  }

  /**
   * Writes {@code tokenizer.json}.
   *
   * @param folder with {@link #FILE}
   * @throws IllegalArgumentException if the conversion would not be exact; the message says why
   */
  public static void convert(Path folder, TemporaryFolder to) throws IOException {
    Path file = folder.resolve(FILE);
    if (Files.size(file) > MAX_BYTES) {
      throw new ExportException(
          "%s has %d bytes, expected at most %d".formatted(file, Files.size(file), MAX_BYTES));
    }
    SentencePieceFile model;
    try {
      model = SentencePieceFile.read(Files.readAllBytes(file));
    } catch (InvalidProtocolBufferException e) {
      throw new ExportException(file + " is not a SentencePiece model: " + e.getMessage(), e);
    }
    to.write("tokenizer.json", new SentencePieceTokenizer(folder, config(folder), model).json());
  }

  private static ObjectNode config(Path folder) throws IOException {
    return Files.exists(folder.resolve(CONFIG))
        ? CheckpointFiles.readObject(folder.resolve(CONFIG))
        : JsonNodeFactory.instance.objectNode();
  }

  private ObjectNode json() throws IOException {
    check(model.modelType() == SentencePieceFile.BPE, "it is not of type BPE");
    check(model.plainText(), "it replaces or removes characters before it splits a text");
    check(!model.tokens().isEmpty(), "it has no pieces");
    for (Vocabulary.Token token : model.tokens()) {
      check(
          token.kind() != Vocabulary.Kind.USER_DEFINED,
          "piece " + token.text() + " is user-defined");
    }
    check(CLASSES.contains(config.path("tokenizer_class").asText("")), wrong("tokenizer_class"));
    check(!config.path("add_eos_token").asBoolean(), wrong("add_eos_token"));
    check(config.path("legacy").asBoolean(true), wrong("legacy"));
    check(
        config.path("add_prefix_space").asBoolean(model.prefixesSpace()) == model.prefixesSpace(),
        wrong("add_prefix_space"));
    checkAddedTokens();
    return SentencePieceBpe.toJson(new Vocabulary(model.tokens(), bos()), model.prefixesSpace());
  }

  private String wrong(String field) {
    return "%s of %s is %s".formatted(field, CONFIG, config.get(field));
  }

  private static void check(boolean holds, String reason) {
    if (!holds) {
      throw new IllegalArgumentException(reason);
    }
  }

  private OptionalInt bos() {
    if (!config.path("add_bos_token").asBoolean(true)) {
      return OptionalInt.empty();
    }
    JsonNode given = config.path("bos_token");
    String text = given.path("content").asText(given.asText());
    OptionalInt bos = model.bos();
    check(
        text.isEmpty() || (bos.isPresent() && text(bos.getAsInt()).equals(text)),
        wrong("bos_token"));
    return bos;
  }

  /** Tokens beside the model's own would be lost. */
  private void checkAddedTokens() throws IOException {
    for (var added : config.path("added_tokens_decoder").properties()) {
      checkPiece(added.getValue().path("content").asText(), id(added.getKey()));
    }
    Path file = folder.resolve(ADDED_TOKENS);
    if (Files.exists(file)) {
      for (var added : CheckpointFiles.readObject(file).properties()) {
        checkPiece(added.getKey(), added.getValue().asInt(-1));
      }
    }
  }

  private static int id(String text) {
    return text.matches("\\d{1,9}") ? Integer.parseInt(text) : -1;
  }

  private void checkPiece(String text, int id) {
    boolean special =
        id >= 0
            && id < model.tokens().size()
            && text(id).equals(text)
            && List.of(Vocabulary.Kind.CONTROL, Vocabulary.Kind.UNKNOWN)
                .contains(model.tokens().get(id).kind());
    check(special, "added token " + text + " is not a special token of it");
  }

  private String text(int id) {
    return model.tokens().get(id).text();
  }
}
