package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.client.CollectedChunk;
import ai.cacheblend.orchestrator.client.GenerateCall;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.dataset.ChatTemplate;
import ai.cacheblend.orchestrator.plan.Defaults;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.records.GenerateJson;
import ai.cacheblend.orchestrator.records.Json;
import ai.cacheblend.orchestrator.run.Fleet;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.ImmutableIntArray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    customSynopsis = "cacheblend generate --request FILE [OPTION]...",
    description = {
      "Runs one prompt: collects its cached segments, then generates.",
      "",
      "The request is a JSON file, for example",
      "  {\"segments\": [{\"token_ids\": [1]}, {\"text\": \"A context.\", \"cache\": true},",
      "                {\"text\": \"A question?\"}],",
      "   \"method\": \"cacheblend\", \"recompute_ratio\": 0.15, \"max_tokens\": 16}",
      "Further fields: ratio (auto: recompute_ratio or more), selector (deviation, chunk-head, query-attn, head-attn, deviation-x-attn,"
          + " random), deviation (v, k), check_layer, schedule, rows_per_chunk, expand, attn_layers,"
          + " temperature, top_p, seed, stop, stop_at_eos. The prompt is sent as given: add the BOS"
          + " token as a segment.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cacheblend generate --request request.json",
      "  cacheblend generate --worker gpu1:50051 --request request.json \\",
      "      --out result.json"
    })
final class GenerateCommand implements Callable<Integer> {
  private static final int TOP_LOGIT_COUNT = 5;

  private final Console console;

  @Spec private CommandSpec spec;

  @Option(names = "--request", paramLabel = "FILE", required = true, description = "Request, JSON.")
  private Path request;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "File for the result, JSON (default: stdout).")
  private Path out;

  @Option(
      names = "--chat-template",
      paramLabel = "auto|none|FILE",
      defaultValue = "none",
      description =
          "Chat template around the segments, which are then one user message: that of the"
              + " checkpoint (auto), none, or a Jinja file (default: ${DEFAULT-VALUE}).")
  private String chatTemplate;

  @Mixin private WorkerOptions workers;

  GenerateCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    List<String> names = Usage.checked(spec, workers::names);
    Usage.checked(
        spec,
        () -> {
          PlanException.require(
              names.size() == 1, "worker is given " + names.size() + " times; generate takes one");
          return names;
        });
    PromptRequest prompt = RequestFile.read(request);
    Set<Integer> checkLayers = new TreeSet<>(Set.of(Defaults.CHECK_LAYER));
    checkLayers.addAll(prompt.arm().checkLayers());
    try (WorkerSession session = workers.open(console, checkLayers, true)) {
      ObjectNode result =
          session.with(
              fleet -> answer(fleet.first().client(), RequestChat.around(prompt, chat(fleet))));
      if (out == null) {
        console.out().print(Json.pretty(result));
      } else {
        Json.writeFile(out, Json.pretty(result));
      }
    }
    return ExitStatus.DONE.code();
  }

  private Optional<ChatTemplate.Wrapper> chat(Fleet fleet) {
    return ChatOptions.of(chatTemplate, fleet.model().chat())
        // A request contains its BOS token, if any, as a segment.
        .map(template -> template.wrapper(false));
  }

  private static ObjectNode answer(WorkerClient worker, PromptRequest prompt) {
    List<PromptSegment> segments = tokenized(worker, prompt);
    List<ImmutableIntArray> chunks =
        prompt.arm().readsChunks() ? PromptSegment.chunksOf(segments) : List.of();
    List<CollectedChunk> collected = chunks.isEmpty() ? List.of() : worker.collect(chunks);
    GenerateResult result =
        worker.generate(
            new GenerateCall(
                segments,
                prompt.arm(),
                prompt.maxNewTokens(),
                prompt.sampling(),
                prompt.stopStrings(),
                !prompt.stopAtEos(),
                new GenerateCall.Extras(true, TOP_LOGIT_COUNT, true, true)));
    return GenerateJson.of(worker.address(), collected, result);
  }

  private static List<PromptSegment> tokenized(WorkerClient worker, PromptRequest prompt) {
    List<String> texts =
        prompt.segments().stream()
            .map(PromptRequest.Segment::text)
            .filter(text -> !text.isEmpty())
            .toList();
    List<ImmutableIntArray> ids = texts.isEmpty() ? List.of() : worker.tokenize(texts, false);
    List<PromptSegment> segments = new ArrayList<>();
    int nextText = 0;
    for (PromptRequest.Segment segment : prompt.segments()) {
      ImmutableIntArray of = segment.text().isEmpty() ? segment.tokenIds() : ids.get(nextText++);
      PlanException.require(
          !of.isEmpty(),
          "INVALID_ARGUMENT: segments[" + segments.size() + "] has no tokens; leave it out");
      segments.add(new PromptSegment(of, segment.cached()));
    }
    return segments;
  }
}
