package ai.cacheblend.worker.export.tokenizer;

import static ai.cacheblend.worker.export.tokenizer.TokenizerJson.component;
import static ai.cacheblend.worker.export.tokenizer.TokenizerJson.sequence;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How byte-level BPE splits a text into words, by the names of {@code tokenizer.ggml.pre}. Regular
 * expressions are those of the models' {@code tokenizer.json}.
 */
public enum PreTokenizer {
  GPT2(List.of("gpt-2"), ""),
  LLAMA3(
      List.of("llama-bpe", "llama3", "llama-v3"),
      Contractions.ANY_CASE
          + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
          + Contractions.SPACES),
  /** Phi-4. */
  DBRX(List.of("dbrx", "smaug-bpe"), LLAMA3.regex),
  QWEN2(
      List.of("qwen2", "deepseek-r1-qwen"),
      Contractions.ANY_CASE
          + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
          + Contractions.SPACES),
  /** Mistral Nemo. */
  TEKKEN(
      List.of("tekken"),
      Contractions.CASED_WORDS.formatted("", "")
          + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*"
          + Contractions.SPACES),
  /** Phi-4-mini. */
  GPT4O(
      List.of("gpt-4o"),
      Contractions.CASED_WORDS.formatted(Contractions.ANY_CASE + "?", Contractions.ANY_CASE + "?")
          + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*"
          + Contractions.SPACES);

  /** Parts of the regular expressions. */
  private static final class Contractions {
    static final String ANY_CASE = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    static final String SPACES = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    static final String CASED_WORDS =
        "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*"
            + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+%s"
            + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
            + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*%s";

    private Contractions() {}
  }

  private final ImmutableList<String> names;

  /** Matches the words; empty: the one of GPT-2, which the library has. */
  private final String regex;

  PreTokenizer(List<String> names, String regex) {
    this.names = ImmutableList.copyOf(names);
    this.regex = regex;
  }

  public static Optional<PreTokenizer> ofName(String name) {
    return Arrays.stream(values()).filter(value -> value.names.contains(name)).findFirst();
  }

  /** All names, for messages. */
  public static String allNames() {
    return Arrays.stream(values())
        .flatMap(value -> value.names.stream())
        .collect(Collectors.joining(", "));
  }

  /** Whether BOS stands before a text if the file does not say. */
  public boolean addsBos() {
    return ignoresMerges();
  }

  /** Whether a word that is a token is not merged from its parts. */
  boolean ignoresMerges() {
    return this == LLAMA3 || this == TEKKEN;
  }

  boolean normalizesToNfc() {
    return this == QWEN2;
  }

  ObjectNode toJson() {
    ObjectNode bytes =
        component("ByteLevel").put("add_prefix_space", false).put("trim_offsets", true);
    if (regex.isEmpty()) {
      return bytes.put("use_regex", true);
    }
    ObjectNode split = component("Split").put("behavior", "Isolated").put("invert", false);
    split.putObject("pattern").put("Regex", regex);
    return sequence("pretokenizers", split, bytes.put("use_regex", false));
  }
}
