package ai.cacheblend.orchestrator.dataset;

import ai.cacheblend.orchestrator.jinja.JinjaException;
import ai.cacheblend.orchestrator.jinja.JinjaTemplate;
import ai.cacheblend.orchestrator.plan.PromptTemplate;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The chat template of a model, applied to prompts of one user message. What it writes before and
 * after the message is the wrapper; the message itself stays as it is, so that its chunks stay
 * whole.
 *
 * <p>The variables are those of {@code transformers}: {@code messages}, {@code
 * add_generation_prompt} (true), {@code tools} and {@code documents} (none) and the special tokens;
 * and {@code enable_thinking} (false), since answers are short.
 */
public final class ChatTemplate {
  /** Stands for the message. No white space, so that nothing is removed from its ends. */
  private static final String MESSAGE = "CacheBlendMessage0d1f6b7c";

  private final String name;
  private final JinjaTemplate template;
  private final String sha256;
  private final Map<String, String> specialTokens;
  private final Clock clock;

  private ChatTemplate(String name, String source, Map<String, String> specialTokens, Clock clock) {
    this.name = name;
    this.sha256 = Hashing.sha256().hashString(source, StandardCharsets.UTF_8).toString();
    this.specialTokens = Map.copyOf(specialTokens);
    this.clock = clock;
    try {
      this.template = JinjaTemplate.parse(source);
    } catch (JinjaException e) {
      throw failure(e);
    }
  }

  /**
   * A template.
   *
   * @param name of its source, for messages and records
   * @param specialTokens texts by name, for example {@code bos_token}
   * @param clock for templates that contain the date
   * @throws DatasetException if it is malformed
   */
  public static ChatTemplate of(
      String name, String source, Map<String, String> specialTokens, Clock clock) {
    return new ChatTemplate(name, source, specialTokens, clock);
  }

  /** The template in a file. */
  public static ChatTemplate read(Path file, Map<String, String> specialTokens, Clock clock) {
    try {
      return of(file.toString(), Files.readString(file), specialTokens, clock);
    } catch (IOException e) {
      throw new DatasetException(
          "chat template %s cannot be read: %s".formatted(file, OneLine.of(e)), e);
    }
  }

  /**
   * What stands around a message.
   *
   * @param trims whether white space around the message is removed
   */
  public record Wrapper(String before, String after, boolean trims) {}

  /**
   * The wrapper of a message.
   *
   * @param withoutBos whether the text of the BOS token is left out, since the prompt begins with
   *     its id
   * @throws DatasetException if the template fails, or changes or repeats its message
   */
  public Wrapper wrapper(boolean withoutBos) {
    String padded = render(" " + MESSAGE + " ");
    int begin = padded.indexOf(MESSAGE);
    if (begin < 0 || padded.indexOf(MESSAGE, begin + 1) >= 0) {
      throw new DatasetException(
          "chat template %s changes or repeats the text of a message; use --chat-template none"
              .formatted(name));
    }
    String bare = render(MESSAGE);
    boolean trims = padded.equals(bare);
    int start = bare.indexOf(MESSAGE);
    String before = bare.substring(0, start);
    String bos = specialTokens.getOrDefault("bos_token", "");
    return new Wrapper(
        withoutBos && before.startsWith(bos) ? before.substring(bos.length()) : before,
        bare.substring(start + MESSAGE.length()),
        trims);
  }

  /**
   * A prompt template with this chat template around its prompts.
   *
   * @throws DatasetException as {@link #wrapper} does
   */
  public PromptTemplate around(PromptTemplate prompt, boolean withoutBos) {
    Wrapper wrapper = wrapper(withoutBos);
    return prompt.wrapped(
        wrapper.before(),
        wrapper.after(),
        wrapper.trims(),
        name + ", sha256 " + sha256.substring(0, 16));
  }

  /**
   * Checks that a message is rendered as it is: its text may contain what the template acts upon.
   *
   * @throws DatasetException if it is not
   */
  public void requireUnchanged(String id, String message) {
    Wrapper wrapper = wrapper(false);
    if (!render(message).equals(wrapper.before() + message + wrapper.after())) {
      throw new DatasetException(
          "chat template %s changes the text of sample %s; use --chat-template none"
              .formatted(name, id));
    }
  }

  private String render(String message) {
    Map<String, Object> variables = new HashMap<>(specialTokens);
    variables.put("messages", List.of(Map.of("role", "user", "content", message)));
    variables.put("add_generation_prompt", true);
    variables.put("enable_thinking", false);
    variables.put("tools", null);
    variables.put("documents", null);
    try {
      return template.render(variables, clock);
    } catch (JinjaException e) {
      throw failure(e);
    }
  }

  private DatasetException failure(JinjaException e) {
    return new DatasetException(
        "chat template %s: %s; use --chat-template none or another file"
            .formatted(name, e.getMessage()),
        e);
  }
}
