package ai.cacheblend.mock;

import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.CacheBlend;
import ai.cacheblend.proto.v1.Durations;
import ai.cacheblend.proto.v1.Finished;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.GenerateResponse;
import ai.cacheblend.proto.v1.LoadReport;
import ai.cacheblend.proto.v1.TokenValue;
import ai.cacheblend.proto.v1.Tokens;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Streams one answer. */
final class MockAnswer {
  private static final double LOGPROB = -0.5;

  private final MockScript script;
  private final MockFaults faults;
  private final MockJournal journal;
  private final MockClock clock;
  private final MockLoop loop;
  private final int call;
  private final GenerateRequest request;
  private final MockPrompt prompt;
  private final MockRows rows;
  private final ServerCallStreamObserver<GenerateResponse> out;
  private final List<Integer> tokens = new ArrayList<>();
  private String text = "";
  private long firstTokenNanos;

  MockAnswer(
      MockScript script,
      MockFaults faults,
      MockJournal journal,
      MockClock clock,
      MockLoop loop,
      int call,
      GenerateRequest request,
      MockPrompt prompt,
      MockRows rows,
      ServerCallStreamObserver<GenerateResponse> out) {
    this.script = script;
    this.faults = faults;
    this.journal = journal;
    this.clock = clock;
    this.loop = loop;
    this.call = call;
    this.request = request;
    this.prompt = prompt;
    this.rows = rows;
    this.out = out;
  }

  /**
   * Sends all messages with the script's delays; ends early if the call is cancelled.
   *
   * @param arrivedNanos when the request arrived
   * @param turnNanos when this request became the running one; delays count from here
   * @return when the last token was due, or now if the call was cancelled
   */
  long send(long arrivedNanos, long turnNanos) {
    long scheduledNanos = turnNanos + script.delays().queue().toNanos();
    long prefillNanos =
        (long)
            (script.delays().prefill().of(armName(), prompt.length()).toNanos()
                * faults.prefillTimeShare(prompt.ids()));
    if (faults.emptyFirstMessage(call)) {
      sendAt(scheduledNanos + prefillNanos, Tokens.getDefaultInstance());
    }
    Finished.Reason reason = tokens(scheduledNanos + prefillNanos);
    if (out.isCancelled()) {
      journal.abandoned();
      return clock.nanos();
    }
    journal.answered(new MockJournal.Answered(arrivedNanos, firstTokenNanos));
    long endNanos = clock.nanos();
    long ttftNanos = firstTokenNanos - scheduledNanos + faults.clockJumpNanos(call);
    out.onNext(
        GenerateResponse.newBuilder()
            .setFinished(
                finished(reason)
                    .setDurations(
                        Durations.newBuilder()
                            .setQueueNanos(scheduledNanos - arrivedNanos)
                            .setPrefillNanos(ttftNanos)
                            .setTtftNanos(ttftNanos)
                            .setDecodeNanos(endNanos - firstTokenNanos)))
            .build());
    out.onCompleted();
    return scheduledNanos
        + prefillNanos
        + (tokens.size() - 1) * script.delays().perToken().toNanos();
  }

  private Finished.Reason tokens(long dueNanos) {
    int count = Math.max(1, request.getMaxNewTokens() + faults.tokenCountDelta(call));
    for (int step = 0; step < count && !out.isCancelled(); step++) {
      faults.dieIfDue(call, step);
      int token = script.answers().token(prompt.ids(), armName(), step);
      tokens.add(token);
      boolean stop = stops(token);
      String before = text;
      Optional<Finished.Reason> stopString = appended(token);
      Tokens.Builder message = Tokens.newBuilder().addTokenIds(token);
      if (!stop && text.length() > before.length()) {
        message.setText(text.substring(before.length()));
      }
      if (request.getReturnOptions().getLogprobs()) {
        message.addLogprobs(LOGPROB);
      }
      sendAt(dueNanos + step * script.delays().perToken().toNanos(), message.build());
      if (stop) {
        return Finished.Reason.REASON_STOP_TOKEN;
      }
      if (stopString.isPresent()) {
        return stopString.get();
      }
    }
    return Finished.Reason.REASON_MAX_NEW_TOKENS;
  }

  /** Token messages are sent from the loop; the last message follows on the caller's thread. */
  private void sendAt(long nanos, Tokens message) {
    GenerateResponse response = GenerateResponse.newBuilder().setTokens(message).build();
    loop.at(
        nanos,
        out::isCancelled,
        () -> {
          if (firstTokenNanos == 0 && message.getTokenIdsCount() > 0) {
            firstTokenNanos = clock.nanos();
          }
          out.onNext(response);
        });
  }

  private boolean stops(int token) {
    return (token == MockTokenizer.EOS && !request.getStop().getIgnoreEos())
        || request.getStop().getStopTokenIdsList().contains(token);
  }

  /** Appends a token's text, which ends before the first stop string. */
  private Optional<Finished.Reason> appended(int token) {
    String all = text + MockTokenizer.decode(List.of(token));
    for (String stop : request.getStop().getStopStringsList()) {
      int at = all.indexOf(stop);
      if (at >= 0) {
        text = all.substring(0, Math.max(at, text.length()));
        return Optional.of(Finished.Reason.REASON_STOP_STRING);
      }
    }
    text = all;
    return Optional.empty();
  }

  private Finished.Builder finished(Finished.Reason reason) {
    Finished.Builder finished =
        Finished.newBuilder()
            .setReason(reason)
            .setRows(faults.reported(call, rows.counts()))
            .setNewTokenCount(tokens.size());
    CacheBlend blend = request.getArm().getCacheblend();
    if (blend.getRaiseRatio()) {
      finished.setLoad(LoadReport.newBuilder().setRecomputeRatio(MockRows.ratio(blend)));
    }
    for (int rank = 0; rank < request.getReturnOptions().getFirstTopLogitCount(); rank++) {
      int token = (tokens.get(0) + rank) % MockTokenizer.VOCABULARY_SIZE;
      finished.addFirstTopLogits(TokenValue.newBuilder().setTokenId(token).setValue(10.0 - rank));
    }
    if (request.getReturnOptions().getActivePositions()) {
      finished.addAllActivePositions(rows.active());
    }
    if (request.getReturnOptions().getLayerScores()) {
      finished.addAllLayerScores(rows.scores());
    }
    return finished;
  }

  private String armName() {
    return name(request.getArm());
  }

  static String name(Arm arm) {
    return arm.getArmCase().name().toLowerCase(Locale.ROOT);
  }
}
