;; The workloads as a compiler of a language with plain structs would write them. Players stand from 0 on, 100 of 48 bytes: id, score, x,
;; y, health, team. Enemies from 8,192 on, 1,000 of 48 bytes: id, x, y, health, team, speed.
(module
  (memory 1)
  (global $result (mut i64) (i64.const 0))

  (func (export "fill") (local $n i64) (local $at i32)
    (loop $players
      (i64.store (local.get $at) (i64.add (i64.mul (local.get $n) (i64.const 7)) (i64.const 1)))
      (local.set $at (i32.add (local.get $at) (i32.const 48)))
      (local.set $n (i64.add (local.get $n) (i64.const 1)))
      (br_if $players (i64.lt_s (local.get $n) (i64.const 100))))
    (local.set $n (i64.const 0))
    (local.set $at (i32.const 8192))
    (loop $enemies
      (i64.store (local.get $at) (local.get $n))
      (f64.store offset=8 (local.get $at)
        (f64.convert_i64_s (i64.rem_s (i64.mul (local.get $n) (i64.const 7919)) (i64.const 1000))))
      (f64.store offset=16 (local.get $at)
        (f64.convert_i64_s (i64.rem_s (i64.mul (local.get $n) (i64.const 104729)) (i64.const 997))))
      (i64.store offset=24 (local.get $at)
        (i64.sub (i64.rem_s (i64.mul (local.get $n) (i64.const 7907)) (i64.const 101)) (i64.const 5)))
      (local.set $at (i32.add (local.get $at) (i32.const 48)))
      (local.set $n (i64.add (local.get $n) (i64.const 1)))
      (br_if $enemies (i64.lt_s (local.get $n) (i64.const 1000)))))

  (func (export "checksum") (result i64 i64) (local $at i32) (local $sum i64)
    (loop $players
      (local.set $sum (i64.add (local.get $sum) (i64.load offset=8 (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 48)))
      (br_if $players (i32.lt_u (local.get $at) (i32.const 4800))))
    (global.get $result)
    (local.get $sum))

  (func (export "W1") (param $a i64) (param $b i64)
    (global.set $result (i64.add (local.get $a) (local.get $b))))

  (func (export "W2") (param $count i64) (local $x i64) (local $acc i64) (local $i i64)
    (local.set $x (i64.const 1))
    (block $done
      (loop $pass
        (br_if $done (i64.ge_s (local.get $i) (local.get $count)))
        (local.set $x
          (i64.rem_s
            (i64.add (i64.mul (local.get $x) (i64.const 16807)) (local.get $i))
            (i64.const 65536)))
        (if (i64.gt_s (local.get $x) (i64.const 32768))
          (then (local.set $acc (i64.add (local.get $acc) (local.get $x))))
          (else (local.set $acc (i64.sub (local.get $acc) (local.get $i)))))
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br $pass)))
    (global.set $result (local.get $acc)))

  (func (export "W3") (param $id i64) (local $at i32)
    (loop $players
      (if (i64.eq (i64.load (local.get $at)) (local.get $id))
        (then
          (i64.store offset=8 (local.get $at)
            (i64.add (i64.load offset=8 (local.get $at)) (i64.const 10)))
          (return)))
      (local.set $at (i32.add (local.get $at) (i32.const 48)))
      (br_if $players (i32.lt_u (local.get $at) (i32.const 4800)))))

  (func (export "W4") (param $x f64) (param $y f64)
    (local $at i32) (local $n i64) (local $best f64) (local $who i64) (local $dx f64) (local $dy f64) (local $squared f64)
    (local.set $best (f64.const 1e300))
    (local.set $who (i64.const -1))
    (local.set $at (i32.const 8192))
    (loop $enemies
      (if (i64.gt_s (i64.load offset=24 (local.get $at)) (i64.const 0))
        (then
          (local.set $dx (f64.sub (f64.load offset=8 (local.get $at)) (local.get $x)))
          (local.set $dy (f64.sub (f64.load offset=16 (local.get $at)) (local.get $y)))
          (local.set $squared
            (f64.add (f64.mul (local.get $dx) (local.get $dx)) (f64.mul (local.get $dy) (local.get $dy))))
          (if (f64.lt (local.get $squared) (local.get $best))
            (then
              (local.set $best (local.get $squared))
              (local.set $who (local.get $n))))))
      (local.set $n (i64.add (local.get $n) (i64.const 1)))
      (local.set $at (i32.add (local.get $at) (i32.const 48)))
      (br_if $enemies (i32.lt_u (local.get $at) (i32.const 56192))))
    (global.set $result (local.get $who)))

  (func (export "W5") (local $at i32) (local $sum i64) (local $health i64)
    (local.set $at (i32.const 8192))
    (loop $enemies
      (local.set $health (i64.load offset=24 (local.get $at)))
      (if (i64.gt_s (local.get $health) (i64.const 50))
        (then (local.set $sum (i64.add (local.get $sum) (i64.mul (local.get $health) (i64.const 2))))))
      (local.set $at (i32.add (local.get $at) (i32.const 48)))
      (br_if $enemies (i32.lt_u (local.get $at) (i32.const 56192))))
    (global.set $result (local.get $sum)))

  (func $mix (param $value i64) (param $by i64) (result i64)
    (i64.rem_s (i64.add (local.get $value) (local.get $by)) (i64.const 65521)))

  (func (export "W6") (param $count i64) (local $acc i64) (local $i i64)
    (block $done
      (loop $pass
        (br_if $done (i64.ge_s (local.get $i) (local.get $count)))
        (local.set $acc (call $mix (local.get $acc) (local.get $i)))
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br $pass)))
    (global.set $result (local.get $acc))))
