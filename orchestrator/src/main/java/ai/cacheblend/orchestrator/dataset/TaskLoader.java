package ai.cacheblend.orchestrator.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Makes a task from one data file. For one use. */
final class TaskLoader {
  private static final String FALLBACK = "2wikimqa";

  private final DataFile file;
  private final Optional<String> knownName;
  private final DatasetOptions options;

  private final List<QualitySample> samples = new ArrayList<>();
  private final Set<String> ids = new HashSet<>();
  private final List<Item.Dialogue> dialogues = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private int skippedCount;

  // Known from the first record on.
  private ItemFormat format;
  private Optional<String> recordName = Optional.empty();
  private PromptTemplate template;
  private PromptBuilder builder;

  TaskLoader(DataFile file, Optional<String> knownName, DatasetOptions options) {
    this.file = file;
    this.knownName = knownName;
    this.options = options;
  }

  QualityTask load() {
    file.readRecords(this::accept);
    if (!dialogues.isEmpty()) {
      addDialogues();
    }
    addNotes();
    if (samples.isEmpty()) {
      throw new DatasetException(
          "%s: no usable items%s"
              .formatted(
                  file.name(), notes.isEmpty() ? "" : " (" + String.join("; ", notes) + ")"));
    }
    return new QualityTask(
        knownName.or(() -> recordName).orElseGet(this::baseName),
        samples,
        template.maxNewTokens(),
        template.stopStrings(),
        template.metric(),
        template.firstLineOnly(),
        file.sha256(),
        file.name(),
        template,
        notes);
  }

  /**
   * Whether more records are wanted. Dialogues are wanted all: each may be an example for another.
   */
  private boolean accept(DataRecord record) {
    if (format == null) {
      format = ItemFormats.of(record);
      recordName = format.datasetName(record.fields());
      template = template();
      builder = new PromptBuilder(template, options.maxPromptCharacters());
    }
    Optional<Item> item = format.read(record);
    if (item.isEmpty()) {
      skippedCount++;
    } else if (item.get() instanceof Item.Question question) {
      add(question);
    } else if (item.get() instanceof Item.Dialogue dialogue) {
      dialogues.add(dialogue);
    }
    return samples.size() < options.sampleLimit();
  }

  private void add(Item.Question item) {
    builder.build(item).map(this::withUniqueId).ifPresent(samples::add);
  }

  private void addDialogues() {
    PromptTemplate.FewShot fewShot =
        template
            .fewShot()
            .orElseThrow(
                () ->
                    new DatasetException(
                        ("%s holds dialogues, for which the prompt template needs the field fewShot;"
                                + " see the template samsum")
                            .formatted(file.name())));
    if (dialogues.size() < 2) {
      throw new DatasetException(
          "%s holds one dialogue; examples are drawn from others, so pass two or more"
              .formatted(file.name()));
    }
    for (Item.Question item : PromptBuilder.fewShot(dialogues, fewShot, options.seed())) {
      if (samples.size() < options.sampleLimit()) {
        add(item);
      }
    }
  }

  private void addNotes() {
    note(skippedCount, "items left out: " + (format == null ? "" : format.skipReason()));
    if (builder != null) {
      note(builder.shortenedCount(), "prompts shortened by leaving out middle documents");
      note(builder.tooLongCount(), "items left out: too long even with one document");
    }
  }

  private void note(int count, String what) {
    if (count > 0) {
      notes.add(count + " " + what);
    }
  }

  private String baseName() {
    String fileName = Path.of(file.name()).getFileName().toString();
    int dot = fileName.lastIndexOf('.');
    return dot > 0 ? fileName.substring(0, dot) : fileName;
  }

  /**
   * By the user's choice, else by name of the set, else by what the records or the file name say.
   */
  private PromptTemplate template() {
    if (options.promptFile().isPresent()) {
      return PromptTemplates.file(options.promptFile().get());
    }
    Optional<String> name =
        knownName.or(() -> recordName.filter(Datasets.names()::contains)).or(this::nameInFileName);
    if (name.isEmpty()) {
      notes.add(
          "prompt template %s is assumed; pass another as a file if it does not fit"
              .formatted(FALLBACK));
    }
    return PromptTemplates.builtIn(name.orElse(FALLBACK));
  }

  private Optional<String> nameInFileName() {
    String fileName = baseName().toLowerCase(Locale.ROOT);
    return Datasets.names().stream()
        .filter(fileName::contains)
        .findFirst()
        .or(() -> fileName.contains("wikimqa") ? Optional.of("2wikimqa") : Optional.empty());
  }

  private QualitySample withUniqueId(QualitySample sample) {
    String id = sample.id();
    for (int copy = 2; !ids.add(id); copy++) {
      id = sample.id() + "#" + copy;
    }
    return new QualitySample(id, sample.parts(), sample.references(), sample.type());
  }
}
