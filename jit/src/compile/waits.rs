//! Suspension: a function that waits gives what survives as data, and goes on from data.

use cranelift_codegen::ir::{self as clif, BlockArg, InstBuilder};
use cranelift_module::Module;
use statewright_graph::ir::{Deadline, Target, Value, Wait};
use statewright_types::{Type, planted};

use super::body::Body;
use crate::calls::Helper;
use crate::run::{STOPPED, WAITS};
use crate::sites::{Site, SuspensionSite};

impl<M: Module> Body<'_, '_, '_, M> {
    /// What is saved where, and the values for it: arguments of the wait, what the resume block and each deadline take.
    fn saved(&mut self, args: &[Value], resume: &Target, deadlines: &[Deadline]) -> (Site, Vec<clif::Value>) {
        let function = self.function;
        let params = |target: &Target| -> Vec<Type> {
            let params = function.blocks.get(target.block.index()).map_or(&[][..], |block| &block.params);
            // What the wait or the call supplies comes before what is saved.
            let supplied = params.len().saturating_sub(target.args.len());
            params.iter().skip(supplied).map(|value| function.ty(*value).clone()).collect()
        };
        let first = function.blocks.get(resume.block.index()).and_then(|block| block.params.get(1));
        let data = match first.map(|value| function.ty(*value)) {
            Some(Type::Record(record)) => Some(record.clone()),
            _ => None,
        };
        let suspension = SuspensionSite {
            function: self.index as u32,
            args: args.len(),
            resume: (resume.block.0, params(resume)),
            deadlines: deadlines.iter().map(|deadline| (deadline.target.block.0, params(&deadline.target))).collect(),
            data,
        };
        let mut values: Vec<clif::Value> = args.iter().chain(&resume.args).map(|value| self.slot(*value)).collect();
        for deadline in deadlines {
            let due = self.slot(deadline.due);
            values.push(if planted::is(76) { self.b.ins().iadd_imm_s(due, 1) } else { due });
            for value in &deadline.target.args {
                values.push(self.slot(*value));
            }
        }
        (Site { suspension: Some(Box::new(suspension)), ..self.site() }, values)
    }

    fn leave_waiting(&mut self) {
        let status = self.int(WAITS as i64);
        self.b.ins().return_(&[status]);
    }

    pub fn suspend(&mut self, wait: Wait, args: &[Value], resume: &Target, deadlines: &[Deadline]) {
        let helper = match wait {
            Wait::Duration => Helper::SuspendFor,
            Wait::Event => Helper::SuspendForEvent,
        };
        let (site, values) = self.saved(args, resume, deadlines);
        self.call_with(helper, site, &values);
        // The node that waits is told with the suspension.
        let place = i64::from(self.place()) << 8;
        let stopped = self.int(place);
        let offset = std::mem::offset_of!(crate::run::Run, stopped) as i32;
        self.b.ins().store(super::body::trusted(), stopped, self.run, offset);
        self.leave_waiting();
    }

    /// Calls a function that may wait: if it does, so does this one; if it does not, goes on.
    pub fn call_and_wait(&mut self, at: usize, callee: usize, args: &[Value], resume: &Target, deadlines: &[Deadline]) {
        let status = self.call_waiting(callee, args);
        let (other, waits, done) = (self.b.create_block(), self.b.create_block(), self.b.create_block());
        self.b.ins().brif(status, other, &[], done, &[]);
        self.b.set_cold_block(other);
        self.b.set_cold_block(waits);
        self.b.switch_to_block(other);
        let stopped = self.b.ins().icmp_imm_s(clif::condcodes::IntCC::Equal, status, STOPPED as i64);
        let leave = self.leave;
        self.b.ins().brif(stopped, leave, &[BlockArg::Value(status)], waits, &[]);
        self.b.switch_to_block(waits);
        let (site, values) = self.saved(&[], resume, deadlines);
        self.call_with(Helper::SaveFrame, site, &values);
        self.leave_waiting();
        self.b.switch_to_block(done);
        let has_result = self.unit.source.functions.get(callee).is_some_and(|callee| callee.returns.is_some());
        let params = self.function.blocks.get(resume.block.index()).map_or(&[][..], |block| &block.params);
        let result = params.first().filter(|_| has_result).map(|value| self.function.ty(*value).clone());
        let result = result.map(|ty| self.result(&ty));
        self.edge(at, resume, result);
    }
}
