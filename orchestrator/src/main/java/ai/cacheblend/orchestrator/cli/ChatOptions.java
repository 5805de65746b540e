package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.client.WorkerDescription.ChatFormat;
import ai.cacheblend.orchestrator.dataset.ChatTemplate;
import ai.cacheblend.orchestrator.dataset.PromptPart;
import ai.cacheblend.orchestrator.dataset.QualitySample;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.PromptTemplate;
import ai.cacheblend.orchestrator.run.Fleet;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The chat template around the prompts of a data set. */
final class ChatOptions {
  private static final String AUTO = "auto";
  private static final String NONE = "none";

  @Option(
      names = "--chat-template",
      paramLabel = "auto|none|FILE",
      defaultValue = AUTO,
      description =
          "Chat template around prompts: that of the checkpoint, if it has one and the prompt"
              + " template has no wrapper (auto); none; or a Jinja file (default: ${DEFAULT-VALUE}).")
  private String chatTemplate;

  /** Whether prompts depend on the model only through {@code auto}. */
  boolean isAuto() {
    return chatTemplate.equals(AUTO);
  }

  boolean isNone() {
    return chatTemplate.equals(NONE);
  }

  /**
   * The prompt template with the chat template around it.
   *
   * @throws PlanException if a file is given for prompts that have a wrapper
   */
  PromptTemplate around(PromptTemplate prompt, Fleet fleet) {
    Optional<ChatTemplate> template = template(fleet);
    if (template.isEmpty() || (isAuto() && prompt.hasWrapper())) {
      return prompt;
    }
    PlanException.require(
        !prompt.hasWrapper(),
        "chat-template is "
            + chatTemplate
            + ", but the prompt template has a start or an end of its own; use --chat-template none");
    return template.get().around(prompt, fleet.bosTokenId().isPresent());
  }

  /** Checks that the template around the prompts of a task changes none of them. */
  void check(PlannedTask planned, Fleet fleet) {
    PromptTemplate prompt = planned.plan().prompt();
    Optional<ChatTemplate> template = template(fleet);
    if (template.isEmpty() || prompt.chatTemplate().isEmpty()) {
      return;
    }
    for (QualitySample sample : planned.task().samples()) {
      String text = sample.parts().stream().map(PromptPart::text).collect(Collectors.joining());
      template
          .get()
          .requireUnchanged(
              sample.id(),
              text.substring(prompt.start().length(), text.length() - prompt.end().length()));
    }
  }

  private Optional<ChatTemplate> template(Fleet fleet) {
    return of(chatTemplate, fleet.model().chat());
  }

  /** The template that an option names; empty if there is none. */
  static Optional<ChatTemplate> of(String option, ChatFormat checkpoint) {
    Clock clock = Clock.system(ZoneId.systemDefault());
    return switch (option) {
      case NONE -> Optional.empty();
      case AUTO ->
          Optional.of(checkpoint)
              .filter(chat -> !chat.template().isBlank())
              .map(
                  chat ->
                      ChatTemplate.of("checkpoint", chat.template(), chat.specialTokens(), clock));
      default -> Optional.of(ChatTemplate.read(Path.of(option), checkpoint.specialTokens(), clock));
    };
  }
}
