"use strict";
// The lecture's line in closed form, s' = s + a + ν w, a ~ N(k s, σ²), r = -s² - a² (math.md, pgpipe/oracles/line.py).
// A policy is {k, sigma}, a line {horizon, startStd, noise, gamma}.
pgpipe.line = (() => {
  // m_t = E s_t², t < T: m_{t+1} = (1+k)² m_t + σ² + ν²
  const stateMoments = ({ k, sigma }, { horizon, startStd, noise }) => {
    const m = [startStd ** 2];
    for (let t = 1; t < horizon; t++) m.push((1 + k) ** 2 * m[t - 1] + sigma ** 2 + noise ** 2);
    return m;
  };
  // J = -Σ γᵗ [(1 + k²) m_t + σ²] and ∇J by (k, σ), whose derivatives follow m_t
  const objective = ({ k, sigma }, { horizon, startStd, noise, gamma }) => {
    const q = (1 + k) ** 2;
    let [m, byK, bySigma, J, JK, JSigma] = [startStd ** 2, 0, 0, 0, 0, 0];
    for (let t = 0; t < horizon; t++) {
      const discount = gamma ** t;
      J -= discount * ((1 + k * k) * m + sigma * sigma);
      JK -= discount * (2 * k * m + (1 + k * k) * byK);
      JSigma -= discount * ((1 + k * k) * bySigma + 2 * sigma);
      [m, byK, bySigma] = [q * m + sigma ** 2 + noise ** 2, q * byK + 2 * (1 + k) * m, q * bySigma + 2 * sigma];
    }
    return { J, gradient: [JK, JSigma] };
  };
  // the diagonal of F per step by (k, σ): m̄/σ² and 2/σ²
  const fisher = (policy, line) => {
    const m = stateMoments(policy, line);
    return [m.reduce((a, b) => a + b) / m.length / policy.sigma ** 2, 2 / policy.sigma ** 2];
  };
  // KL(p_θ ‖ p_θ') of the first t steps, t = 1, …, T: Σ [log σ'/σ + (σ² + δ² m)/(2σ'²) - ½]
  const divergences = (old, target, line) => {
    let sum = 0;
    return stateMoments(old, line).map((m) => (sum += Math.log(Math.abs(target.sigma / old.sigma)) + (old.sigma ** 2 + (target.k - old.k) ** 2 * m) / (2 * target.sigma ** 2) - 0.5));
  };
  // argmax_k J(k, σ), where ∂J/∂k changes its sign between -1 and 0
  const bestGain = (sigma, line) => {
    if (line.horizon === 1) return 0;
    let [low, high] = [-1, 0];
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      if (objective({ k: middle, sigma }, line).gradient[0] > 0) low = middle; else high = middle;
    }
    return (low + high) / 2;
  };
  // θ*: without noise of the action; where walks start at 0 and nothing moves them, every k is as good
  const best = (line) => {
    const unique = line.startStd > 0 || line.noise > 0, k = bestGain(unique ? 0 : 1, line);
    return { k, sigma: 0, unique, J: objective({ k, sigma: 0 }, line).J };
  };
  return { stateMoments, objective, fisher, divergences, bestGain, best };
})();
