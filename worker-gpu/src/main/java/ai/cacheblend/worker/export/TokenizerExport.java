package ai.cacheblend.worker.export;

import ai.cacheblend.worker.export.config.CheckpointConfig;
import ai.cacheblend.worker.model.ChatFormat;
import ai.cacheblend.worker.model.ModelFailureException;
import ai.cacheblend.worker.model.ModelManifest;
import ai.cacheblend.worker.model.SpecialTokens;
import ai.cacheblend.worker.model.Tokenizer;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The tokenizer's files, and the special tokens of the model. The tokenizer alone decides which
 * token stands before a text; {@code bos_token_id} counts only where there is no tokenizer.
 */
record TokenizerExport(Path checkpoint, SpecialTokens specialTokens) {

  /** Copied if the checkpoint has them. */
  private static final List<String> FILES =
      List.of(
          ModelManifest.TOKENIZER_FILE,
          "tokenizer_config.json",
          ChatFormat.TEMPLATE_FILE,
          "special_tokens_map.json",
          "generation_config.json");

  static TokenizerExport required(Path checkpoint, CheckpointConfig config, ExportProgress progress)
      throws IOException {
    Path file = checkpoint.resolve(ModelManifest.TOKENIZER_FILE);
    checkContent(checkpoint);
    if (!Files.isRegularFile(file)) {
      throw new ExportException(
          "%s has no %s; create it: %s"
              .formatted(checkpoint, ModelManifest.TOKENIZER_FILE, commandFor(checkpoint)));
    }
    Tokens tokens = tokensOf(checkpoint);
    OptionalInt bos = tokens.bos();
    int vocabularySize = config.model().vocabulary().size();
    if (bos.isPresent() && bos.getAsInt() >= vocabularySize) {
      throw new ExportException(
          "%s puts token %d before a text, expected less than vocab_size %d"
              .formatted(file, bos.getAsInt(), vocabularySize));
    }
    if (tokens.highestId() >= vocabularySize) {
      progress.warning(
          "tokenizer.json has tokens up to %d, but vocab_size is %d; a worker refuses texts with"
                  .formatted(tokens.highestId(), vocabularySize)
              + " the tokens from vocab_size on");
    }
    if (!bos.equals(config.bosTokenId())) {
      progress.warning(
          "bos_token_id of config.json is %s, but the tokenizer puts %s before a text; the tokenizer"
                  .formatted(text(config.bosTokenId()), text(bos))
              + " decides");
    }
    return new TokenizerExport(checkpoint, new SpecialTokens(bos, config.eosTokenIds()));
  }

  /** The same, where a checkpoint without tokenizer is accepted. */
  static TokenizerExport optional(Path checkpoint, CheckpointConfig config, ExportProgress progress)
      throws IOException {
    checkContent(checkpoint);
    return Files.exists(checkpoint.resolve(ModelManifest.TOKENIZER_FILE))
        ? required(checkpoint, config, progress)
        : new TokenizerExport(
            checkpoint, new SpecialTokens(config.bosTokenId(), config.eosTokenIds()));
  }

  /** A command that makes the tokenizer's file. */
  static String commandFor(Path checkpoint) {
    return ("python3 -c \"from transformers import AutoTokenizer as t;"
            + " t.from_pretrained('%s').save_pretrained('%s')\"")
        .formatted(checkpoint, checkpoint);
  }

  /** Copies the files beside the tokenizer's own to the folder of a converted one. */
  static void copyOthers(Path checkpoint, Path folder) throws IOException {
    checkContent(checkpoint);
    copy(checkpoint, folder);
  }

  private static void checkContent(Path checkpoint) throws IOException {
    for (String name : FILES) {
      CheckpointFiles.checkContent(checkpoint.resolve(name));
    }
  }

  /** What the tokenizer puts before a text, and its highest id. */
  private record Tokens(OptionalInt bos, int highestId) {}

  private static Tokens tokensOf(Path checkpoint) throws ExportException {
    try (Tokenizer tokenizer = Tokenizer.load(checkpoint)) {
      return new Tokens(tokenizer.bosTokenId(), tokenizer.highestTokenId());
    } catch (ModelFailureException e) {
      throw new ExportException(e.getMessage(), e);
    }
  }

  private static String text(OptionalInt token) {
    return token.isPresent() ? Integer.toString(token.getAsInt()) : "none";
  }

  private static void copy(Path from, Path to) throws IOException {
    for (String name : FILES) {
      if (Files.isRegularFile(from.resolve(name))) {
        Files.copy(from.resolve(name), to.resolve(name));
      }
    }
  }

  /** Copies the files; returns the hash of the tokenizer, empty where there is none. */
  Optional<String> copyTo(Path folder) throws IOException {
    copy(checkpoint, folder);
    Path tokenizer = folder.resolve(ModelManifest.TOKENIZER_FILE);
    return Files.isRegularFile(tokenizer)
        ? Optional.of(MoreFiles.asByteSource(tokenizer).hash(Hashing.sha256()).toString())
        : Optional.empty();
  }
}
