package ai.cacheblend.worker.model;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.google.common.primitives.ImmutableIntArray;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.LongStream;

/** The tokenizer of a model folder or checkpoint. */
public final class Tokenizer implements TextCodec, AutoCloseable {
  static {
    // On a machine with a GPU the library would otherwise try to download a CUDA build of itself.
    if (System.getProperty("RUST_FLAVOR") == null) {
      System.setProperty("RUST_FLAVOR", "cpu");
    }
    System.setProperty("OPT_OUT_TRACKING", "true");
  }

  /** By default the library truncates to 512 tokens, or to a length that the file names. */
  private static final Map<String, String> WHOLE_TEXT =
      Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");

  private final HuggingFaceTokenizer tokenizer;

  /** Text of each token alone, so that a first token is sent without a call of the library. */
  private final List<String> texts;

  private final Set<Integer> specialTokenIds;

  private final int highestTokenId;

  /** What the file's post-processor puts before a text. */
  private final ImmutableIntArray filePrefix;

  /** What stands before a text after {@code tokenizer_config.json} is applied. */
  private final ImmutableIntArray prefix;

  private Tokenizer(HuggingFaceTokenizer tokenizer, TokenizerFiles files) {
    this.tokenizer = tokenizer;
    this.texts =
        LongStream.range(0, files.tokenCount())
            .mapToObj(id -> tokenizer.decode(new long[] {id}, true))
            .toList();
    this.specialTokenIds = files.specialTokenIds();
    this.highestTokenId = files.highestTokenId();
    this.filePrefix = filePrefix();
    this.prefix = files.prefix(filePrefix);
  }

  /** Reads {@code tokenizer.json}, and {@code tokenizer_config.json} where there is one. */
  public static Tokenizer load(Path folder) {
    Path file = folder.resolve(ModelManifest.TOKENIZER_FILE);
    if (!Files.isRegularFile(file)) {
      throw new ModelFailureException(
          "%s is missing; copy it from the checkpoint, or export the checkpoint again"
              .formatted(file));
    }
    try {
      byte[] json = Files.readAllBytes(file);
      TokenizerFiles files = TokenizerFiles.read(json, folder);
      return new Tokenizer(
          HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), WHOLE_TEXT), files);
    } catch (IOException | RuntimeException e) {
      throw new ModelFailureException(
          "%s cannot be read as a tokenizer: %s".formatted(file, firstLine(e)), e);
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no detail");
  }

  /** The tokens before the first token of the text itself. */
  private ImmutableIntArray filePrefix() {
    ImmutableIntArray plain = libraryIds("a", false);
    ImmutableIntArray full = libraryIds("a", true);
    for (int start = 0; start + plain.length() <= full.length(); start++) {
      if (full.subArray(start, start + plain.length()).equals(plain)) {
        return full.subArray(0, start).trimmed();
      }
    }
    return ImmutableIntArray.of();
  }

  public int highestTokenId() {
    return highestTokenId;
  }

  /**
   * The token that stands before a text; empty: none.
   *
   * @throws ModelFailureException if there are several
   */
  public OptionalInt bosTokenId() {
    if (prefix.length() > 1) {
      throw new ModelFailureException(
          "the tokenizer puts the tokens %s before a text; one token at most is supported"
              .formatted(prefix));
    }
    return prefix.isEmpty() ? OptionalInt.empty() : OptionalInt.of(prefix.get(0));
  }

  @Override
  public ImmutableIntArray encode(String text, boolean addSpecialTokens) {
    ImmutableIntArray ids = libraryIds(text, addSpecialTokens);
    if (!addSpecialTokens || prefix.equals(filePrefix)) {
      return ids;
    }
    ImmutableIntArray body = ids.subArray(filePrefix.length(), ids.length());
    boolean spelledOut = !prefix.isEmpty() && !body.isEmpty() && body.get(0) == prefix.get(0);
    return spelledOut
        ? body.trimmed()
        : ImmutableIntArray.builder().addAll(prefix).addAll(body).build();
  }

  private ImmutableIntArray libraryIds(String text, boolean addSpecialTokens) {
    long[] ids = tokenizer.encode(text, addSpecialTokens, false).getIds();
    ImmutableIntArray.Builder narrow = ImmutableIntArray.builder(ids.length);
    for (long id : ids) {
      narrow.add(Math.toIntExact(id));
    }
    return narrow.build();
  }

  @Override
  public String decode(ImmutableIntArray tokenIds) {
    if (tokenIds.isEmpty()) {
      return "";
    }
    if (tokenIds.length() == 1 && tokenIds.get(0) < texts.size()) {
      return texts.get(tokenIds.get(0));
    }
    return tokenizer.decode(tokenIds.stream().asLongStream().toArray(), true);
  }

  @Override
  public boolean isSpecial(int tokenId) {
    return specialTokenIds.contains(tokenId);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
